import fc from 'fast-check';
import { makeChangingDevice, makePlan } from '../../plans/make-plan.ts';
import type {
  BlockedDevice,
  ChangingDevice,
  Plan,
  PlannedChange,
  PlannedRequest,
  Rollout,
  UnchangedDevice,
} from '../../plans/plan.ts';
import type { Change } from '../../schemas/change.ts';
import type { Leaf, Tree } from '../../schemas/json.ts';

type ChangingInput = Parameters<typeof makeChangingDevice>[0];

export function set(path: string, to: Leaf, from?: Leaf): Change {
  return { kind: 'set', path: path.split(' '), to, ...(from === undefined ? {} : { from }) };
}

export function unset(path: string, from: Leaf): Change {
  return { kind: 'unset', path: path.split(' '), from };
}

export function planned(change: Change, extra: Partial<PlannedChange> = {}): PlannedChange {
  return { change, marks: [], ...extra };
}

export function aChanging(device: string, extra: Partial<ChangingInput> = {}): ChangingDevice {
  return makeChangingDevice({
    device,
    site: 'ams1',
    role: 'leaf',
    platform: 'cumulus',
    labels: {},
    identity: {
      hostname: device,
      serial: `SN-${device}`,
      model: 'VX',
      version: '5.11.1',
      pin: `sha256:${'0'.repeat(64)}`,
    },
    changes: [planned(set('bridge domain br_default vlan 120', {}), { origin: 'desired-state/roles/leaf.yaml:12' })],
    baseToken: '7:applied',
    runningDigest: 'e'.repeat(64),
    trial: 'not-asked',
    notes: [],
    ...extra,
  });
}

export function anUnchanged(device: string): UnchangedDevice {
  return { kind: 'unchanged', device, site: 'ams1', role: 'leaf', platform: 'cumulus', labels: {} };
}

export function aBlocked(device: string, error: Partial<BlockedDevice['error']> = {}): BlockedDevice {
  return {
    kind: 'blocked',
    device,
    site: 'ams1',
    role: 'leaf',
    platform: 'cumulus',
    labels: {},
    error: {
      code: 'DRIVERS_UNREACHABLE',
      disposition: 'retry-later',
      message: `no connection to ${device} at 192.0.2.44:8765: connection refused`,
      next: 'The next pass tries again by itself.',
      details: {},
      ...error,
    },
  };
}

export function aPlan(extra: Partial<Parameters<typeof makePlan>[0]> = {}): Plan {
  return makePlan({
    workflow: 'ConfigurationDeploy',
    stages: ['load_intended_configuration', 'perform_configuration_diff', 'apply_configuration', 'perform_backup'],
    rollout: { devicesAtOnce: 10, confirmWithinSeconds: 300 },
    source: {
      pullRequest: 412,
      head: 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334',
      base: '77e0f12a3b4c5d6e7f8091a2b3c4d5e6f7081929',
      tree: '0f1e2d3c4b5a69788796a5b4c3d2e1f001122334',
      readFrom: Date.UTC(2026, 10, 20, 10, 12, 4),
      readTo: Date.UTC(2026, 10, 20, 10, 13, 9),
    },
    devices: [aChanging('leaf-01'), aChanging('leaf-02')],
    removed: [],
    elsewhere: 0,
    ...extra,
  });
}

/** Keys that sort, collide or mean something to JavaScript. */
const key = fc.constantFrom(
  'swp1',
  'swp2',
  'swp10',
  'vlan',
  '10',
  '9',
  '',
  'a b',
  '__proto__',
  'constructor',
  'toString',
);

const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  fc.constantFrom<Leaf>(null, true, false, 'on', '9000', '', {}),
  fc.integer({ min: -5, max: 5 }),
  fc.string({ maxLength: 3 }),
  fc.array(fc.oneof(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 3 })), { maxLength: 3 }),
);

/** Trees as switches have them, some levels deep, seldom alike. */
export const anyTree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree; node: Leaf | Tree }>((tie) => ({
  node: fc.oneof({ maxDepth: 3, withCrossShrink: true }, leaf, tie('tree')),
  tree: fc
    .uniqueArray(fc.tuple(key, tie('node')), { selector: ([name]) => name, maxLength: 4 })
    .map(Object.fromEntries),
})).tree;

/** The same tree with every map's keys in another order, and numbers quoted or not. */
export function reordered(tree: Tree): Tree {
  return Object.fromEntries(
    Object.entries(tree)
      .reverse()
      .map(([name, node]): [string, Leaf | Tree] => [name, alike(node)]),
  );
}

function alike(node: Leaf | Tree): Leaf | Tree {
  if (typeof node === 'number') return String(node);
  if (Array.isArray(node)) return node.map((element) => alike(element as Leaf)) as Leaf;
  return typeof node === 'object' && node !== null ? reordered(node as Tree) : node;
}

const some = { requiredKeys: [] };

const anyRollout: fc.Arbitrary<Rollout> = fc
  .tuple(
    fc.record({ devicesAtOnce: fc.integer({ min: 1 }), confirmWithinSeconds: fc.integer({ min: 30 }) }),
    fc.record(
      {
        batchSize: fc.integer({ min: 1, max: 5 }),
        batchPercentage: fc.double({ min: 0.1, max: 100, noNaN: true }),
        canaryPercentage: fc.double({ min: 0.1, max: 100, noNaN: true }),
        canarySuccessThreshold: fc.double({ min: 0.1, max: 100, noNaN: true }),
        gate: fc.constantFrom('first' as const, 'each' as const),
        barrier: fc.boolean(),
        apart: fc.array(fc.constantFrom('rack', 'mlag_pair', '')),
        expectedChanges: fc.array(fc.string()),
        retryCount: fc.nat(),
        retryDelaySeconds: fc.nat(),
        timeoutSeconds: fc.nat(),
      },
      some,
    ),
  )
  .map(([always, sometimes]) => ({ ...always, ...sometimes }));

const anyRequest: fc.Arbitrary<PlannedRequest> = fc
  .tuple(
    fc.record({ name: fc.string(), workflow: fc.string(), reason: fc.string() }),
    fc.record(
      {
        notBefore: fc.integer(),
        schedule: fc.string(),
        backTo: fc.string(),
        outsideWindows: fc.boolean(),
        evenWhenPaused: fc.boolean(),
      },
      some,
    ),
  )
  .map(([always, sometimes]) => ({ ...always, ...sometimes }));

/** Plans with every field of rollout, request and batches, or without; a few switches in a few groups. */
export const anyPlan: fc.Arbitrary<Plan> = fc
  .record({
    rollout: anyRollout,
    request: fc.option(anyRequest, { nil: undefined }),
    inBatches: fc.boolean(),
    devices: fc.array(
      fc.record({
        group: fc.nat({ max: 2 }),
        rack: fc.constantFrom('a', 'b'),
        backsUp: fc.option(fc.subarray(['k1', 'k2']), { nil: undefined }),
      }),
      { maxLength: 8 },
    ),
  })
  .map(({ rollout, request, inBatches, devices }) =>
    aPlan({
      rollout,
      ...(request ? { request } : {}),
      ...(inBatches ? { inBatches } : {}),
      devices: devices.map(({ group, rack, backsUp }, index) =>
        aChanging(`leaf-${index}`, {
          labels: { rack },
          changes: [planned(set('mtu', group))],
          ...(backsUp ? { backsUp } : {}),
        }),
      ),
    }),
  );
