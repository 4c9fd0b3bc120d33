import { describe, expect, it } from 'vitest';
import type { FileChange } from '../../../git/repository.ts';
import { requestOfChange, requestsIn } from '../../../reconciler/requests/request-of-change.ts';
import type { Request } from '../../../schemas/fleet.ts';

const requests = new Map<string, Request>(
  (
    [
      ['deploy', 'MultiDeploy'],
      ['back', 'Rollback'],
      ['plain', 'ConfigurationDeploy'],
      ['backup', 'ConfigurationBackup'],
      ['site', 'SiteBackup'],
      ['diff', 'ConfigurationDiff'],
      ['drift', 'DriftCheck'],
    ] as const
  ).map(([name, workflow]) => [name, { workflow, reason: 'why', targets: { devices: ['*'] } }]),
);

/** `+ path`, `~ path`, `- path` */
function changesOf(...lines: readonly string[]): readonly FileChange[] {
  const kinds = { '+': 'added', '~': 'modified', '-': 'deleted' } as const;
  return lines.map((line) => ({ kind: kinds[line[0] as keyof typeof kinds], path: line.slice(2) }));
}

const decide = (...lines: readonly string[]) => requestOfChange(changesOf(...lines), requests);
const named = (...names: readonly string[]) => names.map((name) => ({ name, path: `requests/${name}.yaml` }));

describe('requestOfChange()', () => {
  it.each([
    { what: 'nothing', lines: [] },
    { what: 'desired state', lines: ['~ desired-state/roles/leaf.yaml'] },
    { what: 'a request that is taken away', lines: ['- requests/deploy.yaml'] },
    { what: 'notes beside requests', lines: ['+ requests/README.md', '+ requests/old/deploy.yaml'] },
    { what: 'a request that is none, which is told as a problem of the fleet', lines: ['+ requests/unknown.yaml'] },
    { what: 'a file that only looks like one', lines: ['+ my/requests/deploy.yaml'] },
  ])('asks for no request by $what', ({ lines }) => {
    expect(decide(...lines)).toEqual({ kind: 'none', requests: [] });
  });

  it.each(['deploy', 'back', 'plain'])('asks for one that changes switches: %s', (name) => {
    expect(decide(`+ requests/${name}.yaml`)).toEqual({ kind: 'deploy', request: named(name)[0] });
  });

  it('asks for one that was there and is another now', () => {
    expect(decide('~ requests/deploy.yaml')).toMatchObject({ kind: 'deploy' });
  });

  it('does not mind what is none of our business, nor requests that are taken away', () => {
    const lines = ['+ requests/deploy.yaml', '~ README.md', '+ .github/workflows/x.yml', '- requests/back.yaml'];

    expect(decide(...lines)).toMatchObject({ kind: 'deploy' });
  });

  it('asks for all that only read', () => {
    expect(
      decide('+ requests/site.yaml', '~ requests/backup.yaml', '+ requests/drift.yaml', '+ requests/diff.yaml'),
    ).toEqual({ kind: 'read', requests: named('backup', 'diff', 'drift', 'site') });
  });

  it('plans what is changed beside requests that only read', () => {
    expect(decide('+ requests/backup.yaml', '+ desired-state/devices/ams1/leaf09.yaml')).toEqual({
      kind: 'none',
      requests: named('backup'),
    });
  });

  it.each([
    {
      what: 'two that change switches',
      lines: ['+ requests/deploy.yaml', '+ requests/back.yaml', '+ requests/plain.yaml'],
      problems: [
        'requests/deploy.yaml: requests/back.yaml asks for changes too, and an approval is of one plan',
        'requests/plain.yaml: requests/back.yaml asks for changes too, and an approval is of one plan',
      ],
    },
    {
      what: 'one that changes switches and one that reads',
      lines: ['+ requests/deploy.yaml', '+ requests/backup.yaml'],
      problems: ['requests/backup.yaml: requests/deploy.yaml asks for changes, and is planned alone'],
    },
    {
      what: 'one that changes switches and a change of desired state',
      lines: ['+ requests/deploy.yaml', '~ desired-state/roles/leaf.yaml'],
      problems: [
        'requests/deploy.yaml: the same change touches desired-state/roles/leaf.yaml, and an approval is of one plan',
      ],
    },
    {
      what: 'one that changes switches and the rules',
      lines: [
        '+ requests/deploy.yaml',
        '~ approvals.yaml',
        '- pointsman.yaml',
        '~ automation.yaml',
        '~ permissions.yaml',
      ],
      problems: [
        'requests/deploy.yaml: the same change touches approvals.yaml, pointsman.yaml, automation.yaml and 1 more, and an approval is of one plan',
      ],
    },
  ])('refuses $what', ({ lines, problems }) => {
    const decided = decide(...lines);

    expect(decided.kind).toBe('refused');
    expect(decided.kind === 'refused' && decided.problems.map(({ file, message }) => `${file}: ${message}`)).toEqual(
      problems,
    );
  });
});

it('requestsIn() names those that are there after the change, in path order', () => {
  expect(
    requestsIn(changesOf('~ requests/b.yaml', '- requests/c.yaml', '+ requests/a.yaml', '+ requests/x/y.yaml')),
  ).toEqual(named('a', 'b'));
});
