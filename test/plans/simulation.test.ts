import { describe, expect, it } from 'vitest';
import { renderComment } from '../../plans/render-comment.ts';
import { renderSimulationText } from '../../plans/render-simulation-text.ts';
import type { Requested, Simulation, SimulationInput } from '../../plans/simulation.ts';
import { exitCodeOfSimulation, makeSimulation } from '../../plans/simulation.ts';
import { verdictOfSimulation } from '../../plans/simulation-words.ts';
import { aBlocked, aChanging, anUnchanged, aPlan } from './build.ts';

const stage = (name: string, extra: Partial<SimulationInput['workflow']['stages'][number]> = {}) => ({
  name,
  does: `Does ${name}.`,
  waitsForApproval: false as const,
  touchesDevice: false,
  ...extra,
});
const reading: SimulationInput['workflow'] = {
  name: 'DriftCheck',
  kind: 'read',
  stages: [stage('check'), stage('tell')],
};
const deploying: SimulationInput['workflow'] = {
  name: 'ConfigurationDeploy',
  kind: 'deploy',
  stages: [
    stage('load'),
    stage('diff', { waitsForApproval: true }),
    stage('apply', { touchesDevice: true }),
    stage('backup'),
  ],
};
const inBatches: SimulationInput['workflow'] = {
  name: 'MultiDeploy',
  kind: 'batches',
  stages: [stage('load'), stage('diff', { waitsForApproval: true }), stage('execute')],
};

const targets = [
  { device: 'leaf-02', site: 'fra1' },
  { device: 'leaf-03', site: 'ams1' },
  { device: 'leaf-01', site: 'ams1' },
];
const plan = aPlan({
  inBatches: true,
  rollout: { devicesAtOnce: 10, confirmWithinSeconds: 300, batchSize: 1 },
  devices: [
    aChanging('leaf-01', { notes: ['runs configuration that is not saved'] }),
    aChanging('leaf-02', { site: 'fra1', notes: ['runs configuration that is not saved'] }),
    anUnchanged('leaf-03'),
  ],
});
const problem = {
  file: 'requests/x.yaml',
  line: 3,
  column: 14,
  code: 'DESIRED_STATE_TARGETS',
  message: 'there is no device leaf-9',
  hint: 'did you mean "leaf-01"?',
};

const simulate = (extra: Partial<SimulationInput>): Simulation =>
  makeSimulation({
    workflow: deploying,
    request: { name: 'x', reason: 'why' },
    targets,
    asks: ['1 approval from @acme/noc (network)'],
    closed: [],
    waits: [],
    problems: [],
    ...extra,
  });
const read = (extra: Partial<SimulationInput> = {}) => simulate({ workflow: reading, asks: [], ...extra });
const nothing = aPlan({ devices: targets.map(({ device }) => anUnchanged(device)) });
const frozen = { site: 'ams1', why: 'frozen by "audit" (no changes)', at: 5 };

describe('makeSimulation()', () => {
  it('counts targets by site, and sorts them', () => {
    const shuffled = [...targets].reverse();

    expect(read().targets).toEqual({
      count: 3,
      bySite: { ams1: 2, fra1: 1 },
      names: ['leaf-01', 'leaf-03', 'leaf-02'],
    });
    expect(read({ targets: shuffled })).toEqual(read());
  });

  it('of what only reads changes nothing, asks nobody and has no batches', () => {
    const simulation = read({ closed: [frozen] });

    expect(simulation).toMatchObject({ dispatched: { reads: 3, changes: 0 }, batches: [], waits: [], unknown: [] });
    expect(simulation.stages).toEqual([
      { name: 'check', does: 'Does check.', touches: 0 },
      { name: 'tell', does: 'Does tell.', touches: 0 },
    ]);
  });

  it('of a deploy says which stage asks whom and which changes switches', () => {
    expect(simulate({ plan }).stages).toEqual([
      { name: 'load', does: 'Does load.', touches: 0 },
      { name: 'diff', does: 'Does diff.', touches: 0, asks: ['1 approval from @acme/noc (network)'] },
      { name: 'apply', does: 'Does apply.', touches: 2 },
      { name: 'backup', does: 'Does backup.', touches: 0 },
    ]);
  });

  it('counts what batches change at the stage that starts them', () => {
    expect(simulate({ workflow: inBatches, plan }).stages.map(({ touches }) => touches)).toEqual([0, 0, 2]);
  });

  it('asks nobody and comes to nothing after the comparison where nothing would change', () => {
    const simulation = simulate({ plan: nothing });

    expect(simulation.stages.map(({ asks, skipped }) => [asks, skipped])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
      [undefined, 'nothing would change'],
      [undefined, 'nothing would change'],
    ]);
    expect(simulation).toMatchObject({ dispatched: { reads: 3, changes: 0 }, batches: [] });
  });

  it('has the batches of the plan, with the sites of each where nothing would begin', () => {
    expect(simulate({ workflow: inBatches, plan, closed: [frozen] }).batches).toEqual([
      { number: 1, devices: ['leaf-01'], opens: [frozen] },
      { number: 2, devices: ['leaf-02'] },
    ]);
  });

  it('has one batch where a plan has none', () => {
    const undivided = aPlan({ devices: [aChanging('leaf-01'), aChanging('leaf-02')] });

    expect(simulate({ plan: undivided, closed: [frozen] }).batches).toEqual([
      { number: 1, devices: ['leaf-01', 'leaf-02'], opens: [frozen] },
    ]);
  });

  it('says what is not known where no switch was asked, and then waits by all of its sites', () => {
    const { batches, dispatched, unknown, waits, stages } = simulate({ closed: [frozen] });

    expect({ batches, dispatched }).toEqual({ batches: [], dispatched: { reads: 3, changes: 3 } });
    expect(unknown).toHaveLength(1);
    expect(waits).toEqual([{ why: 'ams1 is frozen by "audit" (no changes)', until: 5 }]);
    expect(stages[2]).toMatchObject({ touches: 3 });
  });

  it('of what is refused as a whole does nothing', () => {
    const simulation = simulate({
      targets: [],
      problems: [problem],
      waits: [{ why: 'a date' }],
      closed: [frozen],
      expected: { seconds: 1, from: 1 },
    });

    expect(simulation).toMatchObject({ dispatched: { reads: 0, changes: 0 }, batches: [], waits: [], unknown: [] });
    expect(simulation.expected).toBeUndefined();
    expect(simulation.stages.map(({ skipped }) => skipped)).toEqual(Array(4).fill('it is refused'));
    expect(simulation.refusals).toEqual([
      {
        what: 'requests/x.yaml:3:14',
        why: 'there is no device leaf-9; did you mean "leaf-01"?',
        next: 'Correct the request and simulate it again. No switch was contacted.',
      },
    ]);
  });

  it('names each switch that would be refused, with its reason and what to do', () => {
    const blocked = aPlan({ devices: [aChanging('leaf-01'), aBlocked('leaf-44', { message: 'm', next: 'n' })] });

    expect(simulate({ plan: blocked }).refusals).toEqual([{ what: 'leaf-44', why: 'm', next: 'n' }]);
  });

  it('says once what is to know of several switches', () => {
    expect(simulate({ plan }).notes).toEqual([
      { note: 'runs configuration that is not saved', devices: ['leaf-01', 'leaf-02'] },
    ]);
  });
});

const cases: readonly { what: string; simulation: Simulation; code: 0 | 1 | 3; verdict: string }[] = [
  { what: 'only reads', simulation: read(), code: 0, verdict: 'DriftCheck of 3 devices: reads only' },
  {
    what: 'reads later',
    simulation: read({ waits: [{ why: 'a date' }] }),
    code: 3,
    verdict: 'DriftCheck of 3 devices: reads only, would wait',
  },
  {
    what: 'would change nothing',
    simulation: simulate({ plan: nothing }),
    code: 0,
    verdict: 'ConfigurationDeploy of 3 devices: nothing would change',
  },
  {
    what: 'waits for a person',
    simulation: simulate({ plan }),
    code: 3,
    verdict: 'ConfigurationDeploy of 3 devices: 2 would change in 2 batches, would wait',
  },
  {
    what: 'waits for nobody',
    simulation: simulate({ plan, asks: [] }),
    code: 0,
    verdict: 'ConfigurationDeploy of 3 devices: 2 would change in 2 batches',
  },
  {
    what: 'waits for a window',
    simulation: simulate({ plan, asks: [], closed: [frozen] }),
    code: 3,
    verdict: 'ConfigurationDeploy of 3 devices: 2 would change in 2 batches, would wait',
  },
  {
    what: 'waits at a gate',
    simulation: simulate({
      asks: [],
      plan: aPlan({ inBatches: true, rollout: { devicesAtOnce: 1, confirmWithinSeconds: 60, gate: 'each' } }),
    }),
    code: 3,
    verdict: 'ConfigurationDeploy of 3 devices: 2 would change, would wait',
  },
  {
    what: 'is partly refused',
    simulation: simulate({ asks: [], plan: aPlan({ devices: [aChanging('leaf-01'), aBlocked('leaf-02')] }) }),
    code: 3,
    verdict: 'ConfigurationDeploy of 3 devices: 1 would change, 1 refused',
  },
  {
    what: 'is refused switch by switch',
    simulation: simulate({ asks: [], plan: aPlan({ devices: targets.map(({ device }) => aBlocked(device)) }) }),
    code: 1,
    verdict: 'ConfigurationDeploy of 3 devices: refused',
  },
  {
    what: 'is refused as a whole',
    simulation: simulate({ targets: [], problems: [problem] }),
    code: 1,
    verdict: 'ConfigurationDeploy: refused',
  },
  {
    what: 'is not known',
    simulation: simulate({ asks: [] }),
    code: 3,
    verdict: 'ConfigurationDeploy of 3 devices: at most 3 would change, none was asked',
  },
];

it.each(cases)('what $what ends with $code, and is told as such', ({ simulation, code, verdict }) => {
  expect(exitCodeOfSimulation(simulation)).toBe(code);
  expect(verdictOfSimulation(simulation)).toBe(verdict);
});

const everything = simulate({
  workflow: inBatches,
  request: { name: 'x', reason: 'the old\nservers, see #4711' },
  plan: aPlan({
    inBatches: true,
    rollout: { devicesAtOnce: 10, confirmWithinSeconds: 300, canaryPercentage: 50, gate: 'first' },
    devices: [aChanging('leaf-01', { notes: ['a note'] }), aChanging('leaf-03'), aBlocked('leaf-02')],
  }),
  closed: [frozen],
  waits: [{ why: 'it is not to begin before 2026-12-01 22:00 UTC', until: 9 }],
  expected: { seconds: 61.26, from: 5 },
});

describe('a simulation, told', () => {
  it('in a terminal, in full', async () => {
    await expect(renderSimulationText(everything)).toMatchFileSnapshot('./golden/simulation.txt');
  });

  it.each([
    {
      expected: { seconds: 0.234, from: 1 },
      simulation: read,
      told: 'About 0.2 s a switch, as 1 earlier run took: 1 s in all, without waiting',
    },
    {
      expected: { seconds: 12.6, from: 4 },
      simulation: read,
      told: 'About 13 s a switch, the median of 4 earlier runs: 38 s in all, without waiting',
    },
    {
      expected: { seconds: 61, from: 4 },
      simulation: read,
      told: 'About 61 s a switch, the median of 4 earlier runs: 4 min in all, without waiting',
    },
    {
      expected: { seconds: 61, from: 4 },
      simulation: simulate,
      told: 'About 61 s a switch, the median of 4 earlier runs: at most 4 min in all, without waiting',
    },
  ])('with what earlier runs took: $told', ({ expected, simulation, told }) => {
    expect(renderSimulationText(simulation({ expected }))).toContain(`\n${told}\n`);
  });

  it('cannot move the cursor of a terminal, whatever was written', () => {
    const text = 'a\u001b[2Jb\u202e\nc';
    const poisoned = simulate({
      request: { name: text, reason: text },
      targets: [{ device: text, site: text }],
      asks: [text],
      closed: [{ site: text, why: text }],
      waits: [{ why: text }],
      problems: [{ ...problem, file: text, message: text }],
    });

    for (const one of [poisoned, { ...poisoned, notes: [{ note: text, devices: [text] }], unknown: [] }])
      expect(renderSimulationText(one).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe('a comment on requests that only read', () => {
  const source = { pullRequest: 412, head: 'a1b2c3d4e5f6', base: '77e0f12a3b4c', tree: '0f1e2d3c4b5a' };
  const commentOf = (...simulations: readonly Simulation[]): string => {
    const requested: Requested = { source, simulations };
    return renderComment(requested, { pullRequest: 412 });
  };

  it.each([
    { file: 'requested', simulations: [read({ expected: { seconds: 2, from: 3 } })] },
    {
      file: 'requested-several',
      simulations: [
        read(),
        read({
          request: { name: 'y', reason: 'later' },
          waits: [{ why: 'it comes by its schedule, next at 2026-12-01 02:00 UTC' }],
        }),
      ],
    },
  ])('$file', async ({ file, simulations }) => {
    await expect(commentOf(...simulations)).toMatchFileSnapshot(`./golden/${file}.md`);
  });

  it('fits, however many switches and requests there are', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => ({ device: `leaf-${index}`, site: `site-${index % 50}` }));
    const simulation = read({ targets: many, request: { name: 'x', reason: 'why '.repeat(20_000) } });

    const comment = commentOf(...Array.from({ length: 200 }, () => simulation));

    expect(comment.length).toBeLessThanOrEqual(58_000);
    expect(comment.match(/<details>/g)?.length).toBe(comment.match(/<\/details>/g)?.length);
    expect(comment).toContain('**Next:** merge.');
  });
});
