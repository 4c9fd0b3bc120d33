import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../ledger/events.ts';
import type { LedgerStep, LedgerView } from '../../../ledger/ledger.ts';
import { createFingerprint } from '../../../plans/secrets.ts';
import { FleetInvalidError, SecretNotFoundError } from '../../../reconciler/errors.ts';
import type { LoadedCommit } from '../../../reconciler/load-commit.ts';
import { loadRequest } from '../../../reconciler/requests/load-request.ts';
import type { PlanSubject } from '../../../workflows/plan-configuration.ts';
import { device, edited, type Files, smallFleet } from '../../desired-state/fleet-repo.ts';
import { anError, applied, ended, moved, STAGES, started, T0 } from '../../ledger/build.ts';
import { createWorld, signal } from '../../ledger/world.ts';

const LEAF1 = 'desired-state/devices/ams1/leaf01.yaml';
const ROLE = 'desired-state/roles/leaf.yaml';
const REQUEST = 'requests/back.yaml';
const author = { name: 'Ann', email: 'ann@example.net', at: T0 };
const values = new Map([['site/bgp', 'Mortise-7f3a']]);
const fingerprint = createFingerprint('a key');

const request = (to: string, targets = 'roles: [leaf]'): string =>
  `workflow: Rollback\nreason: it dropped packets\ntargets: { ${targets} }\ninput:\n  to:\n    ${to}\n`;

/** The small fleet with a password, and its history: each call is one commit of the branch. */
const withPassword = edited(smallFleet, {
  [ROLE]: `${smallFleet[ROLE]}  router:\n    bgp:\n      password: { secret: site/bgp }\n`,
});

async function createBranch() {
  const world = createWorld();
  const repository = await world.copy();
  const ledger = world.ledgerOn(repository);
  let tip: string | undefined;
  let view: LedgerView = await ledger.view(signal);

  async function commit(files: Files): Promise<string> {
    const deletions = tip === undefined ? [] : (await repository.listFiles(tip)).map(({ path }) => path);
    tip = await repository.writeCommit({
      ...(tip === undefined ? {} : { parent: tip }),
      deletions: deletions.filter((path) => !(path in files)),
      files: new Map(Object.entries(files)),
      message: 'a change',
      author,
    });
    return tip;
  }

  return {
    repository,
    commit,
    view: () => view,
    async append(step: LedgerStep): Promise<string> {
      view = await ledger.append(async () => step, signal);
      return view.tip ?? '';
    },
    /** Commits the request on top of `files`, and loads it as a pass does. */
    async ask(files: Files, text: string): Promise<LoadedCommit> {
      const before = tip ?? '';
      const after = await commit({ ...files, [REQUEST]: text });
      const secrets = {
        async read(name: string) {
          const value = values.get(name);
          if (value === undefined) throw new SecretNotFoundError({ name, asked: [] });
          return value;
        },
      };
      return loadRequest({ repository, switches: { secrets, fingerprint } }, view, {
        before,
        after,
        accessFrom: 'after',
        request: { name: 'back', path: REQUEST },
      });
    },
  };
}

const subject = ({ subjects }: LoadedCommit, name: string): PlanSubject => {
  const found = subjects.find((one) => one.device === name);
  if (!found) throw new Error(`${name} is no target`);
  return found;
};

const mtu = ({ intended: { tree } }: PlanSubject) =>
  (tree as { interface?: { swp1?: { link?: { mtu?: number } } } }).interface?.swp1?.link?.mtu;

const withMtu = (files: Files, value: number): Files =>
  edited(files, { [ROLE]: (files[ROLE] ?? '').replace('9216', String(value)) });

async function problemOf(asked: Promise<unknown>) {
  const error = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FleetInvalidError)) throw error ?? new Error('it was taken');
  expect(error.details.problems).toHaveLength(1);
  return error.details.problems[0];
}

describe('a Rollback to a commit', () => {
  it('makes the switches run what the branch said there, and says where each line stands', async () => {
    const branch = await createBranch();
    const first = await branch.commit(withPassword);
    const now = withMtu(withPassword, 1500);
    await branch.commit(now);

    const loaded = await branch.ask(now, request(`commit: ${first.slice(0, 12)}`));

    expect(loaded.request?.backTo).toBe(`commit ${first.slice(0, 12)}`);
    expect(loaded.workflow.name).toBe('Rollback');
    for (const name of ['leaf01', 'leaf02']) {
      const { intended, rolledBackTo, notes, refused } = subject(loaded, name);
      expect(refused).toBeUndefined();
      expect(mtu(subject(loaded, name))).toBe(9216);
      expect(intended.originOf(['interface', 'swp1', 'link', 'mtu'])).toEqual({
        file: ROLE,
        line: 7,
        at: first.slice(0, 12),
      });
      expect(rolledBackTo).toBe(`commit ${first.slice(0, 12)}`);
      expect(notes?.[0]).toContain('something else than the branch says');
    }
  });

  it('reaches, proves and signs in to a switch as today', async () => {
    const branch = await createBranch();
    const first = await branch.commit(withPassword);
    const now = edited(withMtu(withPassword, 1500), {
      [LEAF1]: device('10.0.0.99', `tls: { pins: ["sha256:${'c'.repeat(64)}"] }\n`).replace(
        'S-10.0.0.99',
        'S-10.0.0.1',
      ),
    });
    await branch.commit(now);

    const { access, refused, intended } = subject(await branch.ask(now, request(`commit: ${first}`)), 'leaf01');

    expect(refused).toBeUndefined();
    expect(access).toMatchObject({ host: '10.0.0.99', tls: { pins: [`sha256:${'c'.repeat(64)}`] } });
    expect(mtu({ intended } as PlanSubject)).toBe(9216);
  });

  it('says nothing special of a switch for which the branch says the same now', async () => {
    const branch = await createBranch();
    const first = await branch.commit(withPassword);
    const now = edited(withPassword, {
      [LEAF1]: `${withPassword[LEAF1]}configuration: { system: { timezone: UTC } }\n`,
    });
    await branch.commit(now);

    const loaded = await branch.ask(now, request(`commit: ${first}`));

    expect(subject(loaded, 'leaf01').rolledBackTo).toBeDefined();
    expect(subject(loaded, 'leaf02')).not.toHaveProperty('rolledBackTo');
    expect(subject(loaded, 'leaf02')).not.toHaveProperty('notes');
  });

  it('masks what a switch has where only today’s fleet has a secret', async () => {
    const branch = await createBranch();
    const first = await branch.commit(smallFleet);
    const now = edited(smallFleet, {
      [ROLE]: `${smallFleet[ROLE]}  system:\n    message:\n      pre-login: secret:site/bgp\n`,
    });
    await branch.commit(now);

    const { intended } = subject(await branch.ask(now, request(`commit: ${first}`)), 'leaf01');

    expect(intended.secrets).toEqual([]);
    expect(intended.alsoSecret).toMatchObject([{ path: ['system', 'message', 'pre-login'], at: 'value' }]);
  });

  it.each([
    ['it was not in the fleet then', { [LEAF1]: undefined }],
    ['it was called old then', { [LEAF1]: undefined, 'desired-state/devices/ams1/old.yaml': withPassword[LEAF1] }],
    ['it was another switch then, with serial S-10.0.0.7', { [LEAF1]: device('10.0.0.7') }],
    ['its platform was nvos then', { [LEAF1]: device('10.0.0.1').replace('cumulus', 'nvos') }],
    [
      'it stood at ber1 then',
      {
        [LEAF1]: undefined,
        'desired-state/sites/ber1.yaml': withPassword['desired-state/sites/ams1.yaml'],
        'desired-state/devices/ber1/leaf01.yaml': withPassword[LEAF1],
      },
    ],
    [
      'what it was to run then cannot be rendered: desired-state/templates/only01.j2:1',
      {
        [LEAF1]: `${withPassword[LEAF1]}templates: [only01.j2]\n`,
        'desired-state/templates/only01.j2': 'system: {{ data.nothing.there }}\n',
      },
    ],
  ])('leaves a switch alone of which can be said: %s', async (why, edit) => {
    const branch = await createBranch();
    const first = await branch.commit(edited(withoutImage(withPassword), edit));
    const now = withMtu(withoutImage(withPassword), 1500);
    await branch.commit(now);

    const loaded = await branch.ask(now, request(`commit: ${first}`));

    expect(subject(loaded, 'leaf01').refused).toMatchObject({ code: 'RECONCILER_CANNOT_GO_BACK' });
    expect(subject(loaded, 'leaf01').refused?.message).toContain(why);
    expect(subject(loaded, 'leaf02').refused).toBeUndefined();
  });

  it('names the line of the request when there is no such commit', async () => {
    const branch = await createBranch();
    await branch.commit(withPassword);

    const problem = await problemOf(branch.ask(withPassword, request('commit: 0123456789ab')));

    expect(problem).toMatchObject({
      file: REQUEST,
      line: 6,
      column: 13,
      code: 'RECONCILER_REQUEST_BACK_TO',
      message: 'there is no commit 0123456789ab',
    });
  });

  it('does not go back to a commit that the branch was never at', async () => {
    const branch = await createBranch();
    const first = await branch.commit(withPassword);
    const side = await branch.repository.writeCommit({ parent: first, files: new Map(), message: 'side', author });
    await branch.commit(withMtu(withPassword, 1500));

    const problem = await problemOf(branch.ask(withPassword, request(`commit: ${side}`)));

    expect(problem?.message).toContain('none that the branch of the fleet was at');
  });

  it('does not go back to a fleet that was not valid', async () => {
    const branch = await createBranch();
    const broken = await branch.commit(edited(withPassword, { [LEAF1]: 'rol: leaf\n' }));
    await branch.commit(withPassword);

    const problem = await problemOf(branch.ask(withPassword, request(`commit: ${broken}`)));

    expect(problem).toMatchObject({ file: REQUEST, line: 6 });
    expect(problem?.message).toMatch(
      /the fleet at commit [0-9a-f]{12} has \d+ problems, the first at .*leaf01\.yaml:1:1/,
    );
  });
});

/** Without an image, a role goes with any platform. */
function withoutImage(files: Files): Files {
  return edited(files, { [ROLE]: (files[ROLE] ?? '').replace('image: cumulus-5.11.1\n', '') });
}

const RUN = 'configurationdeploy-pr-7-aaaaaaaaaaaa';

/** A run that changed leaf01, and could not keep leaf02. */
function runOf(commit: string, base: string, more: readonly RunEvent[] = []): readonly RunEvent[] {
  return [
    started({ commit, base }),
    moved(STAGES[0], 'IN_PROGRESS'),
    moved(STAGES[0], 'COMPLETE'),
    moved(STAGES[1], 'IN_PROGRESS'),
    moved(STAGES[1], 'COMPLETE'),
    moved(STAGES[2], 'IN_PROGRESS'),
    ended('leaf01', applied),
    ended('leaf02', { kind: 'reverted', error: anError() }),
    moved(STAGES[2], 'FAILED'),
    ...more,
  ];
}
const end: RunEvent = { at: T0, kind: 'run-ended', status: 'FAILED' };

const state = (name: string, run: string, commit: string) => ({
  site: 'ams1',
  device: name,
  serial: 'S',
  version: '5.11.1',
  appliedCommit: commit,
  appliedAt: T0,
  run,
  runningDigest: 'e'.repeat(64),
  opaqueSecrets: {},
});

describe('a Rollback of a run', () => {
  async function changedBy(more: readonly RunEvent[] = [end], name = RUN) {
    const branch = await createBranch();
    const base = await branch.commit(withPassword);
    const now = withMtu(withPassword, 1500);
    const commit = await branch.commit(now);
    await branch.append({ title: 'a run', events: new Map([[name, runOf(commit, base, more)]]) });
    return { branch, base, now, commit };
  }

  it('takes back what it changed to what the branch said before it, and leaves alone what it did not', async () => {
    const { branch, base, now } = await changedBy();

    const loaded = await branch.ask(now, request('run: pr-7-aaaaaaaaaaaa'));

    expect(loaded.request?.backTo).toBe(`commit ${base.slice(0, 12)}, before ${RUN}`);
    expect(mtu(subject(loaded, 'leaf01'))).toBe(9216);
    expect(subject(loaded, 'leaf01').refused).toBeUndefined();
    expect(subject(loaded, 'leaf02').refused?.message).toContain('that run did not change it (reverted)');
  });

  it('says so where a later run changed the same switch, because that is taken back too', async () => {
    const { branch, commit, now } = await changedBy();
    await branch.append({ title: 'later', devices: [state('leaf01', 'a-later-run', commit)] });

    const loaded = await branch.ask(now, request(`run: ${RUN}`, 'devices: [leaf01]'));

    expect(subject(loaded, 'leaf01').notes).toContain('a-later-run changed it after that run; that is taken back too');
  });

  it('counts its batches as itself', async () => {
    const { branch, base, commit, now } = await changedBy([end], 'batchdeploy-pr-7-01-aaaaaaaaaaaa');
    const parent = 'multideploy-pr-7-aaaaaaaaaaaa';
    const begun: RunEvent = started({ workflow: 'MultiDeploy', stages: ['execute_batches'], commit, base });
    await branch.append({
      title: 'of which it was a batch',
      events: new Map([
        [
          parent,
          [
            begun,
            moved('execute_batches', 'IN_PROGRESS'),
            { at: T0, kind: 'child-started', stage: 'execute_batches', run: 'batchdeploy-pr-7-01-aaaaaaaaaaaa' },
            {
              at: T0,
              kind: 'device-ended',
              site: 'ams1',
              device: 'leaf01',
              stage: 'execute_batches',
              outcome: applied,
            },
            moved('execute_batches', 'FAILED'),
            end,
          ],
        ],
      ]),
      devices: [state('leaf01', 'batchdeploy-pr-7-01-aaaaaaaaaaaa', commit)],
    });

    const loaded = await branch.ask(now, request(`run: ${parent}`, 'devices: [leaf01]'));

    expect(mtu(subject(loaded, 'leaf01'))).toBe(9216);
    expect(subject(loaded, 'leaf01').notes).toHaveLength(1);
  });

  it.each([
    ['no run is called nothing-like-it', 'nothing-like-it', [end]],
    ['has not ended', RUN, []],
  ] as const)('refuses a run of which can be said: %s', async (why, name, more) => {
    const { branch, now } = await changedBy(more);

    const problem = await problemOf(branch.ask(now, request(`run: ${name}`)));

    expect(problem).toMatchObject({ file: REQUEST, line: 6, column: 10, code: 'RECONCILER_REQUEST_BACK_TO' });
    expect(problem?.message).toContain(why);
  });

  it('refuses an end that several runs have, and names them', async () => {
    const { branch, base, commit, now } = await changedBy();
    await branch.append({ title: 'another', events: new Map([[`other-${RUN}`, runOf(commit, base, [end])]]) });

    const problem = await problemOf(branch.ask(now, request('run: 7-aaaaaaaaaaaa')));

    expect(problem?.message).toContain('the names of 2 runs end in 7-aaaaaaaaaaaa');
    expect(problem?.hint).toContain(RUN);
  });

  it('refuses a run that changed nothing', async () => {
    const { branch, base, commit, now } = await changedBy();
    const idle = [started({ commit, base }), { ...end, status: 'TERMINATED' } as RunEvent];
    await branch.append({ title: 'another', events: new Map([['idle-run', idle]]) });

    const problem = await problemOf(branch.ask(now, request('run: idle-run')));

    expect(problem?.message).toContain('changed no switch');
  });
});

describe('a Rollback to a backup', () => {
  const backup = (mtuThen: number, password: string): string =>
    [
      '# leaf01',
      '- header: { model: VX }',
      '- set:',
      '    interface:',
      `      swp1: { link: { mtu: ${mtuThen} } }`,
      '    router:',
      `      bgp: { password: ${JSON.stringify(password)} }`,
      '',
    ].join('\n');

  async function backedUp(text: string) {
    const branch = await createBranch();
    await branch.commit(withPassword);
    const commit = await branch.append({ title: 'a backup', backups: new Map([['backups/ams1/leaf01.yaml', text]]) });
    return { branch, commit };
  }

  it('makes the switch run what the newest says, with its secrets named by the fleet', async () => {
    const { branch } = await backedUp(backup(1234, fingerprint('Mortise-7f3a')));

    const loaded = await branch.ask(withPassword, request('backup: latest', 'devices: [leaf01]'));
    const leaf = subject(loaded, 'leaf01');

    expect(loaded.request?.backTo).toBe('the newest backup');
    expect(leaf.intended.tree).toEqual({
      interface: { swp1: { link: { mtu: 1234 }, type: 'swp' } },
      router: { bgp: { password: 'secret:site/bgp' } },
    });
    expect(leaf.intended.secrets).toEqual([{ path: ['router', 'bgp', 'password'], at: 'value', secret: 'site/bgp' }]);
    expect(leaf.intended.originOf(['interface'])).toMatchObject({ file: 'backups/ams1/leaf01.yaml' });
    expect(leaf.notes).toHaveLength(1);
    expect(leaf.rolledBackTo).toBe('the newest backup');
  });

  it('makes it run an older one, as it was at a commit of the ledger', async () => {
    const { branch, commit } = await backedUp(backup(1111, fingerprint('Mortise-7f3a')));
    const newer = backup(2222, fingerprint('Mortise-7f3a'));
    await branch.append({ title: 'newer', backups: new Map([['backups/ams1/leaf01.yaml', newer]]) });

    const loaded = await branch.ask(withPassword, request(`backup: ${commit.slice(0, 14)}`, 'devices: [leaf01]'));

    expect(loaded.request?.backTo).toBe(`the backup of ledger commit ${commit.slice(0, 12)}`);
    expect(mtu(subject(loaded, 'leaf01'))).toBe(1111);
  });

  it('tells reviewers where it holds another secret than the fleet has today', async () => {
    const { branch } = await backedUp(backup(1234, fingerprint('an older one')));

    const { notes, refused } = subject(await branch.ask(withPassword, request('backup: latest')), 'leaf01');

    expect(refused).toBeUndefined();
    expect(notes?.[1]).toBe(
      "1 secret of its backup cannot be shown to be today's, so what the fleet has at these places today is set",
    );
  });

  it('leaves a switch alone whose backup holds a secret that only the switch had', async () => {
    const text = `${backup(1234, fingerprint('Mortise-7f3a'))}    system: { tacacs: { password: ${JSON.stringify(fingerprint('x'))} } }\n`;
    const { branch } = await backedUp(text);

    const { refused } = subject(await branch.ask(withPassword, request('backup: latest')), 'leaf01');

    expect(refused).toMatchObject({
      code: 'RECONCILER_BACKUP_SECRETS_UNKNOWN',
      details: { paths: ['system.tacacs.password'] },
    });
    expect(refused?.message).toContain('a secret that only the switch had: system.tacacs.password');
  });

  it('leaves a switch alone whose secrets cannot be read here', async () => {
    const { branch } = await backedUp(backup(1234, fingerprint('Mortise-7f3a')));
    const elsewhere = edited(withPassword, { [ROLE]: (withPassword[ROLE] ?? '').replace('site/bgp', 'ber1/bgp') });

    const { refused } = subject(await branch.ask(elsewhere, request('backup: latest')), 'leaf01');

    expect(refused).toMatchObject({ code: 'RECONCILER_SECRET_NOT_FOUND' });
  });

  it.each([
    ['there is none of it', 'leaf02', backup(1, 'x'), 'the ledger has no backups/ams1/leaf02.yaml there'],
    ['it is no YAML', 'leaf01', 'a: [', 'its backup cannot be read: backups/ams1/leaf01.yaml:1'],
    ['it is no list of header and set', 'leaf01', '- nonsense: 1\n', 'is no list of header and set'],
  ])('leaves a switch alone when %s', async (_what, name, text, why) => {
    const { branch } = await backedUp(text);

    const { refused } = subject(await branch.ask(withPassword, request('backup: latest')), name);

    expect(refused).toMatchObject({ code: 'RECONCILER_CANNOT_GO_BACK' });
    expect(refused?.message).toContain(why);
  });

  it('refuses a commit that is none of the ledger, though the repository has it', async () => {
    const { branch } = await backedUp(backup(1, 'x'));
    const ofBranch = await branch.commit(withPassword);

    const problem = await problemOf(branch.ask(withPassword, request(`backup: ${ofBranch}`)));

    expect(problem).toMatchObject({ line: 6, message: `the ledger has no commit ${ofBranch}` });
  });

  it('refuses a commit that somebody made on top of the ledger, and that the ledger is not at', async () => {
    const { branch, commit } = await backedUp(backup(1, 'x'));
    const forged = await branch.repository.writeCommit({
      parent: commit,
      files: new Map([['backups/ams1/leaf01.yaml', backup(666, fingerprint('Mortise-7f3a'))]]),
      message: 'a backup',
      author,
    });

    const problem = await problemOf(branch.ask(withPassword, request(`backup: ${forged}`)));

    expect(problem?.message).toBe(`the ledger has no commit ${forged}`);
  });

  it('refuses any where there is no ledger yet', async () => {
    const branch = await createBranch();
    await branch.commit(withPassword);

    const problem = await problemOf(branch.ask(withPassword, request('backup: latest')));

    expect(problem?.message).toBe('there is no ledger, so there is no backup');
  });
});
