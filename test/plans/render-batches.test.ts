import { describe, expect, it } from 'vitest';
import type { BatchView, CommentContext, RunView } from '../../plans/comment-context.ts';
import type { PlannedRequest, Rollout } from '../../plans/plan.ts';
import { renderComment } from '../../plans/render-comment.ts';
import { renderPlanMarkdown } from '../../plans/render-plan-markdown.ts';
import { renderPlanText } from '../../plans/render-plan-text.ts';
import type { ErrorDocument } from '../../schemas/errors.ts';
import { aBlocked, aChanging, aPlan, planned, set } from './build.ts';

const rollout: Rollout = {
  devicesAtOnce: 10,
  confirmWithinSeconds: 300,
  batchSize: 25,
  canaryPercentage: 10,
  gate: 'first',
  barrier: true,
  expectedChanges: ['bgp swp51*'],
  retryCount: 3,
  retryDelaySeconds: 60,
  timeoutSeconds: 14 * 86_400,
};
const request: PlannedRequest = {
  name: 'ntp-everywhere',
  workflow: 'MultiDeploy',
  reason: 'the old NTP servers are switched off on Friday, see #4711',
  notBefore: Date.UTC(2026, 11, 1, 22),
  evenWhenPaused: true,
};

/** 200 switches at two sites, in 8 groups; 25 of each. */
const switches = Array.from({ length: 200 }, (_, index) =>
  aChanging(`leaf-${String(index + 1).padStart(3, '0')}`, {
    site: index < 100 ? 'ams1' : 'fra1',
    labels: { mlag_pair: String(Math.floor(index / 2)) },
    changes: [
      planned(set('service ntp default server 192.0.2.5', {}), { origin: 'desired-state/roles/leaf.yaml:4' }),
      planned(set('interface swp1 description', `rack ${index % 8}`), {
        origin: `desired-state/templates/rack${index % 8}.yaml.j2:2`,
        ...(index % 8 === 0 ? { marks: [{ kind: 'management', reason: 'touches the API we speak to' }] } : {}),
      }),
    ],
  }),
);
const plan = aPlan({
  workflow: 'MultiDeploy',
  stages: ['load_intended_configuration', 'perform_configuration_diff', 'execute_batches'],
  rollout,
  request,
  inBatches: true,
  devices: [...switches, aBlocked('leaf-201')],
  elsewhere: 84,
});
const batches = plan.batches ?? [];

const context: CommentContext = {
  pullRequest: 412,
  steps: [
    'Reads the fleet at the merged commit and renders the intended configuration of every switch it changes.',
    'Asks every switch what it runs now; goes on only where the changes are still exactly the approved ones.',
    'Starts one run for each batch, in order: the canaries first, the next only after the one before came out well.',
  ],
  fullPlanUrl: 'https://github.com/acme/fleet/blob/pointsman/ledger/plans/pr-412/05a6.md',
  approval: {
    kind: 'waiting',
    summary: 'waiting for 1 approval',
    lines: ['- network: needs 1 approval from `@acme/noc`, has 0'],
    expiresAfterHours: 24,
  },
  commands: ['/pointsman plan', '/pointsman help'],
};
const granted: CommentContext = {
  ...context,
  commands: [],
  approval: {
    kind: 'granted',
    summary: 'approved by ana',
    lines: ['- `ana` approves: counts for network'],
    expiresAfterHours: 24,
  },
  links: [{ label: 'record of the run', url: 'https://github.com/acme/fleet/blob/pointsman/ledger/runs/x/README.md' }],
};

type Outcome = RunView['devices'][number]['outcome'];
type Kind = keyof BatchView['outcomes'];

const failed = (kind: 'reverted' | 'unknown' | 'untouched', device: string): Outcome => {
  const errors: Readonly<Record<typeof kind, Pick<ErrorDocument, 'code' | 'message' | 'next'>>> = {
    reverted: {
      code: 'WORKFLOWS_NOT_HEALTHY',
      message: `${device}: bgp swp52 was established and is idle`,
      next: 'Fix what the probe names in a new pull request.',
    },
    unknown: {
      code: 'WORKFLOWS_STATE_UNKNOWN',
      message: `what ${device} runs could not be established: it did not answer`,
      next: 'Look at the switch on its console, then plan again.',
    },
    untouched: {
      code: 'DRIVERS_UNREACHABLE',
      message: `no connection to ${device} at 192.0.2.44:8765: connection refused`,
      next: 'The next pass tries again by itself.',
    },
  };
  return { kind, error: { disposition: 'needs-human', details: {}, ...errors[kind] } };
};

/** A run in which each batch stands as told: its first switches came out badly, in order. */
function run(
  states: readonly (Pick<BatchView, 'state'> & { readonly bad?: readonly ('reverted' | 'unknown' | 'untouched')[] })[],
  extra: Partial<RunView> = {},
): RunView {
  const devices: RunView['devices'][number][] = [];
  const views = batches.map(({ number, canary, gate, devices: names }, index): BatchView => {
    const { state, bad = [] } = states[index] ?? { state: 'waiting' };
    const outcomes: Partial<Record<Kind, number>> = {};
    names.forEach((device, place) => {
      const badly = bad[place];
      const isDone = state === 'done' || state === 'failed' || (state === 'running' && place < 10);
      const outcome: Outcome = badly ? failed(badly, device) : isDone ? { kind: 'applied' } : undefined;
      if (outcome) outcomes[outcome.kind] = (outcomes[outcome.kind] ?? 0) + 1;
      devices.push({ site: 'ams1', device, ...(outcome ? { outcome } : {}) });
    });
    return {
      number,
      ...(canary ? { canary } : {}),
      devices: names.length,
      state,
      outcomes,
      ...(gate && state === 'asks'
        ? { gate: { pullRequest: 431, url: 'https://github.com/acme/fleet/pull/431' } }
        : {}),
    };
  });
  return {
    name: 'multideploy-for-ntp-everywhere-77e0f12a3b4c',
    status: 'RUNNING',
    startedAt: Date.UTC(2026, 11, 1, 22, 2),
    stages: [],
    devices,
    batches: views,
    ...extra,
  };
}

const done = { state: 'done' } as const;
const many = (kind: 'reverted' | 'untouched', times: number) => Array<typeof kind>(times).fill(kind);
const comments: Readonly<Record<string, CommentContext>> = {
  'batches-planned': {
    ...context,
    closed: [
      {
        site: 'ams1',
        why: 'outside its maintenance windows; "nightly" opens 2026-11-20 23:00 Europe/Amsterdam',
        at: Date.UTC(2026, 10, 20, 22),
      },
      {
        site: 'fra1',
        why: 'frozen by "year end" (nobody is in) until 2027-01-04 01:00 Europe/Berlin',
        at: Date.UTC(2027, 0, 4),
      },
    ],
  },
  'batches-canary-failed': {
    ...granted,
    run: run([{ state: 'failed', bad: ['reverted', 'unknown', ...many('untouched', 12)] }], {
      stages: [{ name: 'execute_batches', state: 'FAILED' }],
    }),
    recovery: {
      stage: 'execute_batches',
      deviceState:
        'Batches that ran are done, switch by switch as their tables say. Batches that had not begun are untouched.',
      advice:
        'See the failed batch. /pointsman retry goes on with the batches that are left, and tries those switches again that failed for a passing reason.',
    },
  },
  'batches-ask': { ...granted, run: run([done, { state: 'asks' }]) },
  'batches-held': {
    ...granted,
    run: run([done, done, { state: 'held' }], {
      hold: { why: 'outside of the windows of ams1', until: Date.UTC(2026, 11, 2, 22) },
    }),
  },
  'batches-resumed': {
    ...granted,
    run: run([{ state: 'failed', bad: ['reverted'] }, done, { state: 'running' }], {
      stages: [
        {
          name: 'execute_batches',
          state: 'IN_PROGRESS',
          history: [
            { state: 'IN_PROGRESS', at: Date.UTC(2026, 11, 1, 22, 2) },
            { state: 'FAILED', at: Date.UTC(2026, 11, 1, 22, 9) },
            { state: 'IN_PROGRESS', at: Date.UTC(2026, 11, 2, 7, 30), by: 'bo' },
          ],
        },
      ],
      lease: { stage: 'apply_configuration', devices: ['ams1/leaf-051'] },
    }),
  },
  'batches-done': {
    ...granted,
    run: run(
      batches.map(() => done),
      { status: 'COMPLETED', endedAt: Date.UTC(2026, 11, 2, 1, 40), why: '200 applied' },
    ),
  },
};

/** Lines people see though they unfold nothing. */
function visibleLines(comment: string): readonly string[] {
  return comment
    .replace(/<details><summary>.*<\/summary>[\s\S]*?<\/details>/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(?:<!--|\|(?:-+:?\|)+$)/.test(line));
}

describe('a comment on 200 switches in 8 groups and 9 batches', () => {
  it.each(Object.keys(comments))('%s', async (name) => {
    await expect(renderComment(plan, comments[name] ?? context)).toMatchFileSnapshot(`./golden/${name}.md`);
  });

  it.each(Object.entries(comments))('has less than 40 lines outside of folds: %s', (_, shown) => {
    expect(batches).toHaveLength(9);
    expect(plan.groups).toHaveLength(8);
    expect(visibleLines(renderComment(plan, shown)).length).toBeLessThan(40);
  });
});

/** Cells of the rows of the one table whose header begins so. */
function rowsBelow(comment: string, header: string): readonly (readonly string[])[] {
  const table = comment.slice(comment.indexOf(header)).split('\n\n')[0] ?? '';
  const rows = table.split('\n').slice(2);
  return rows.map((row) =>
    row
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.trim()),
  );
}

const bare = (number: number, state: BatchView['state'], extra: Partial<BatchView> = {}): BatchView => ({
  number,
  devices: 2,
  state,
  outcomes: {},
  ...extra,
});
const commentOf = (extra: Partial<RunView>, also: Partial<CommentContext> = {}) =>
  renderComment(plan, { ...granted, ...also, run: { ...run([]), devices: [], ...extra } });
const headingOf = (comment: string) => comment.split('\n')[1];

describe('the table of batches of a run', () => {
  const progressOf = (views: readonly BatchView[]) => rowsBelow(commentOf({ batches: views }), '| Batch | State');

  it('has what needs a person on top and what is done below', () => {
    const states = ['done', 'running', 'held', 'failed', 'waiting', 'asks'] as const;

    const rows = progressOf(states.map((state, index) => bare(index + 1, state)));

    expect(rows.map(([batch, state]) => [batch, state])).toEqual([
      ['**4**', '**failed**'],
      ['**6**', '**asks for an approval**'],
      ['**3**', 'held'],
      ['**2**', 'under way'],
      ['**5**', 'waiting'],
      ['**1**', 'done'],
    ]);
  });

  it('has one row for all that wait, with their numbers and switches', () => {
    const states = ['done', 'waiting', 'waiting', 'running', 'waiting', 'waiting', 'waiting'] as const;

    const rows = progressOf(states.map((state, index) => bare(index + 1, state)));

    expect(rows).toContainEqual(['**2 to 3, 5 to 7**', 'waiting', '10', '']);
  });

  it('has one row for all that are done where each in a row would be too many', () => {
    const few = Array.from({ length: 12 }, (_, index) => bare(index + 1, 'done', { outcomes: { applied: 2 } }));
    const many = [...few, bare(13, 'done', { outcomes: { applied: 1, 'in-sync': 1 } })];

    expect(progressOf(few)).toHaveLength(12);
    expect(progressOf(many)).toEqual([['**1 to 13**', 'done', '26', '25 applied, 1 already as intended']]);
  });

  it('sums up what it has no room for', () => {
    const failed = Array.from({ length: 14 }, (_, index) => bare(index + 1, 'failed', { outcomes: { reverted: 2 } }));

    const rows = progressOf([...failed, bare(15, 'waiting'), bare(16, 'done', { outcomes: { applied: 2 } })]);

    expect(rows).toHaveLength(13);
    expect(rows.at(-1)).toEqual(['… 4 more batches', '2 **failed**, 1 waiting, 1 done', '8', '4 reverted, 2 applied']);
  });

  it('says of batches a run ended before that they were not begun', () => {
    const ended = commentOf({ status: 'TERMINATED', endedAt: 0, batches: [bare(1, 'waiting')] });

    expect(rowsBelow(ended, '| Batch | State')).toEqual([['**1**', 'not begun', '2', '']]);
  });

  it('calls a row canaries only where all in it are', () => {
    const states = ['waiting', 'waiting'] as const;

    const rows = progressOf(states.map((state, index) => bare(index + 1, state, index === 0 ? { canary: true } : {})));

    expect(rows.map(([batch]) => batch)).toEqual(['**1 to 2**']);
    expect(progressOf([bare(1, 'done', { canary: true })])[0]?.[0]).toBe('**1** canaries');
  });
});

describe('the switches of a run in batches', () => {
  it('have a row only where something is wrong, the worst first, and never more than ten', () => {
    const bad = [...Array(9).fill('untouched'), 'reverted', 'unknown', 'untouched'];
    const { devices, batches: views } = run([{ state: 'failed', bad }]);

    const rows = rowsBelow(commentOf({ devices, batches: views ?? [] }), '| Device | State');

    expect(rows).toHaveLength(11);
    expect(rows.slice(0, 2).map(([, state]) => state)).toEqual([
      '**unknown**',
      '**reverted**: runs what it ran before',
    ]);
    expect(rows.at(-1)?.[0]).toBe('… 2 more devices');
  });

  it('give no more than three pieces of advice, and say that there is more', () => {
    const views = [bare(1, 'failed', { devices: 5 })];
    const devices = [1, 2, 3, 4, 5].map((number) => {
      const error = {
        code: 'X',
        disposition: 'needs-human',
        message: 'm',
        next: `Do ${number}.`,
        details: {},
      } as const;
      return { site: 's', device: `d${number}`, outcome: { kind: 'untouched', error } } as const;
    });

    expect(commentOf({ devices, batches: views })).toContain('- Do 3.\n- … and 2 more, in the record of the run\n');
  });

  it('have no table where nothing is wrong', () => {
    const { devices, batches: views } = run([done]);

    expect(commentOf({ devices, batches: views ?? [] })).not.toContain('| Device | State');
  });
});

describe('the heading and the next step of a run in batches', () => {
  const name = 'multideploy-for-ntp-everywhere-77e0f12a3b4c';
  const stopped = { stages: [{ name: 'execute_batches', state: 'FAILED' }] };
  it.each<{ run: Partial<RunView>; heading: string; next: string }>([
    {
      run: { batches: [bare(1, 'done', { outcomes: { applied: 2 } }), bare(2, 'running'), bare(3, 'waiting')] },
      heading: '## Applying batch 2 of 3: 2 applied, 4 to go, of 6 devices',
      next: 'nothing to do, the change is being applied.',
    },
    {
      run: { batches: [bare(1, 'failed', { outcomes: { reverted: 1, applied: 1 } }), bare(2, 'waiting')], ...stopped },
      heading: '## Stopped after batch 1 of 2: 1 reverted, 1 applied, 2 to go, of 4 devices',
      next: `\`/pointsman retry ${name} execute_batches\` goes on, once you have seen what failed.`,
    },
    {
      run: { batches: [bare(1, 'asks', { gate: { pullRequest: 9, url: 'https://example/9' } }), bare(2, 'waiting')] },
      heading: '## Waiting for an approval before batch 1 of 2: 4 to go, of 4 devices',
      next: 'review [#9](<https://example/9>): batch 1 begins when that is approved.',
    },
    {
      run: { batches: [bare(1, 'waiting')], hold: { why: 'a freeze' } },
      heading: '## Held before batch 1 of 1: 2 to go, of 2 devices',
      next: 'nothing to do, it goes on by itself.',
    },
    {
      run: { batches: [bare(1, 'waiting')], status: 'PAUSED' },
      heading: '## Paused: 2 to go, of 2 devices',
      next: `\`/pointsman resume ${name}\` lets it go on.`,
    },
    {
      run: { name: 'a-1, b-1', batches: [bare(1, 'failed')], ...stopped },
      heading: '## Stopped after batch 1 of 1: 2 to go, of 2 devices',
      next: '`/pointsman retry <run> execute_batches` goes on, once you have seen what failed.',
    },
  ])('are "$heading"', ({ run: extra, heading, next }) => {
    const comment = commentOf(extra);

    expect(headingOf(comment)).toBe(heading);
    expect(comment).toContain(`**Next:** ${next}\n`);
  });

  it('are those of the plan while no batch is begun', () => {
    expect(headingOf(commentOf({ batches: [bare(1, 'waiting')] }))).toContain('## Plan: 200 devices change');
  });

  it('say nothing of a hold any more when the run has ended', () => {
    const ended = commentOf({
      status: 'TERMINATED',
      endedAt: 0,
      hold: { why: 'a freeze' },
      batches: [bare(1, 'waiting')],
    });

    expect(ended).not.toContain('Nothing is begun');
  });

  it('count no batches of a plan that has one', () => {
    expect(headingOf(renderComment(aPlan({ inBatches: true }), { pullRequest: 1 }))).toBe('## Plan: 2 devices change');
  });

  it('say of a run without batches too that it is held', () => {
    const { batches: _none, ...plainRun } = run([]);
    const held = { ...plainRun, hold: { why: 'outside of the windows of ams1', until: Date.UTC(2026, 11, 2, 22) } };

    const comment = renderComment(aPlan(), {
      ...granted,
      run: { ...held, devices: [{ site: 's', device: 'leaf-01' }] },
    });

    expect(headingOf(comment)).toBe('## Held: 1 to go, of 1 device');
    expect(comment).toContain('**Nothing is begun before 2026-12-02 22:00 UTC**: outside of the windows of ams1');
  });
});

describe('a request in a comment', () => {
  it('tells every fact that makes it another plan', () => {
    const full = aPlan({
      request: { ...request, schedule: '0 2 * * *', backTo: 'commit 77e0f12a3b4c', outsideWindows: true },
    });

    expect(renderComment(full, context)).toContain(
      'Its targets are 2 devices · back to commit `77e0f12a3b4c` · not before 2026-12-01 22:00 UTC · by the schedule `0 2 * * *` · **does not wait for maintenance windows** · **done though automation is paused**\n',
    );
  });

  it('names three sites where nothing would begin, and counts the others', () => {
    const closed = ['a', 'b', 'c', 'd', 'e'].map((site) => ({ site, why: 'frozen' }));

    expect(renderComment(plan, { ...context, closed })).toContain(
      '**Nothing would begin now** at `a`, which is frozen; `b`, which is frozen; `c`, which is frozen; and 2 more sites\n',
    );
  });

  it('says nothing of windows where nothing would change', () => {
    const nothing = aPlan({ devices: [] });

    expect(renderComment(nothing, { ...context, closed: [{ site: 'ams1', why: 'x' }] })).not.toContain('would begin');
  });

  it('says nothing of windows once there is a run, which says it itself', () => {
    expect(commentOf({}, { closed: [{ site: 'ams1', why: 'a freeze' }] })).not.toContain('would begin now');
  });
});

it('renderPlanMarkdown() and renderPlanText() show every batch with all its switches, and the request', async () => {
  const small = aPlan({
    workflow: 'MultiDeploy',
    rollout,
    request: { ...request, reason: 'two\nlines\n' },
    inBatches: true,
    devices: switches.slice(0, 4),
  });

  await expect(renderPlanMarkdown(small)).toMatchFileSnapshot('./golden/batches-ledger-page.md');
  await expect(renderPlanText(small, { color: false })).toMatchFileSnapshot('./golden/batches-terminal.txt');
});
