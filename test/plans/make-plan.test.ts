import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOfDevice, makeChangingDevice, makePlan } from '../../plans/make-plan.ts';
import type { ChangingDevice, PlannedRequest, Rollout } from '../../plans/plan.ts';
import { planFromJson, planToJson } from '../../plans/plan-json.ts';
import { aBlocked, aChanging, anUnchanged, anyPlan, aPlan, planned, set, unset } from './build.ts';

type PlanExtra = NonNullable<Parameters<typeof aPlan>[0]>;
const digestOf = (extra: PlanExtra) => aPlan(extra).digest;
const one = (extra: Partial<Omit<ChangingDevice, 'kind' | 'digest' | 'changesDigest'>>) => ({
  devices: [aChanging('leaf-01', extra)],
});
const identity = aChanging('leaf-01').identity;

/** Everything a rollout and a request can say: a new field belongs in here, and so in the digest. */
const fullRollout: Required<Rollout> = {
  devicesAtOnce: 10,
  confirmWithinSeconds: 300,
  batchSize: 25,
  batchPercentage: 20,
  canaryPercentage: 10,
  canarySuccessThreshold: 90,
  gate: 'first',
  barrier: true,
  apart: ['rack', 'mlag_pair'],
  expectedChanges: ['interface swp1', 'bgp swp51*'],
  retryCount: 3,
  retryDelaySeconds: 30,
  timeoutSeconds: 3600,
};
const fullRequest: Required<PlannedRequest> = {
  name: 'ntp-everywhere',
  workflow: 'MultiDeploy',
  reason: 'the old servers are switched off on Friday',
  notBefore: Date.UTC(2026, 11, 1, 22),
  schedule: '0 2 * * * Europe/Amsterdam',
  backTo: 'commit 77e0f12a3b4c',
  outsideWindows: true,
  evenWhenPaused: true,
};
const full = { rollout: fullRollout, request: fullRequest, inBatches: true } as const;
const without = <T extends object>(value: T, key: keyof T): T => {
  const { [key]: _left, ...rest } = value;
  return rest as T;
};
const turned = <T extends object>(value: T): T => Object.fromEntries(Object.entries(value).toReversed()) as T;
const plainRollout: Rollout = { devicesAtOnce: 10, confirmWithinSeconds: 300 };
const pair = (name: string, mlag: string) => aChanging(name, { labels: { mlag_pair: mlag } });
const other = (value: unknown): unknown => {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  return Array.isArray(value) ? value.slice(1) : `${value}2`;
};

interface Case {
  readonly what: string;
  readonly extra: PlanExtra;
  readonly than?: PlanExtra;
}

describe('the digest of a plan', () => {
  it('is the same on every machine and in every version that encodes alike', () => {
    expect(aPlan().digest).toBe('p1:05a6e08b4bc02a67813b6b45b125b26cded04a3506b67d774c490c3c565f3853');
    expect(aPlan(full).digest).toBe('p1:c80e9b69be8337234c9090e2a1b034c49527898bed6a337bfd86e3fa27a3bc53');
  });

  it.each(Object.keys(fullRollout) as (keyof Rollout)[])('differs with another %s in the rollout, or none', (field) => {
    const base = { rollout: { devicesAtOnce: 10, confirmWithinSeconds: 300 } };
    const changed = { ...fullRollout, [field]: other(fullRollout[field]) };
    const digests = [base.rollout, fullRollout, changed, without(fullRollout, field)].map((rollout) =>
      digestOf({ rollout }),
    );

    expect(new Set(digests).size).toBe(4);
  });

  it.each((Object.keys(fullRequest) as (keyof PlannedRequest)[]).filter((field) => field !== 'reason'))(
    'differs with another %s in the request, or none',
    (field) => {
      const changed = { ...fullRequest, [field]: other(fullRequest[field]) };
      const digests = [undefined, fullRequest, changed, without(fullRequest, field)].map((request) =>
        digestOf(request ? { request } : {}),
      );

      expect(new Set(digests).size).toBe(4);
    },
  );

  it.each<Case>([
    { what: 'another change', extra: one({ changes: [planned(set('system hostname', 'x'))] }) },
    {
      what: 'another value',
      extra: one({ changes: [planned(set('bridge domain br_default vlan 120', {}), {}), planned(set('a', 1))] }),
    },
    {
      what: 'another value that was there before',
      extra: one({ changes: [planned(set('a', 1, 2))] }),
      than: one({ changes: [planned(set('a', 1, 3))] }),
    },
    {
      what: 'a value that was there before, or none',
      extra: one({ changes: [planned(set('a', 1, null))] }),
      than: one({ changes: [planned(set('a', 1))] }),
    },
    {
      what: 'a set and an unset',
      extra: one({ changes: [planned(set('a', 1))] }),
      than: one({ changes: [planned(unset('a', 1))] }),
    },
    {
      what: 'one path or two words in a key',
      extra: one({ changes: [planned({ kind: 'set', path: ['a b'], to: 1 })] }),
      than: one({ changes: [planned(set('a b', 1))] }),
    },
    { what: 'another certificate', extra: one({ identity: { ...identity, pin: `sha256:${'1'.repeat(64)}` } }) },
    { what: 'another serial number', extra: one({ identity: { ...identity, serial: 'SN-x' } }) },
    { what: 'another version', extra: one({ identity: { ...identity, version: '5.12.0' } }) },
    { what: 'another platform', extra: one({ platform: 'nvos' }) },
    { what: 'another site', extra: one({ site: 'fra1' }) },
    { what: 'one device less', extra: {}, than: one({}) },
    { what: 'another stage', extra: { ...one({}), stages: ['apply_configuration'] } },
    {
      what: 'another order of stages',
      extra: { ...one({}), stages: ['a', 'b'] },
      than: { ...one({}), stages: ['b', 'a'] },
    },
    { what: 'another workflow', extra: { ...one({}), workflow: 'Other' } },
    { what: 'more devices at once', extra: { ...one({}), rollout: { devicesAtOnce: 11, confirmWithinSeconds: 300 } } },
    { what: 'batches, though all is one', extra: { ...one({}), inBatches: true } },
    {
      what: 'smaller batches',
      extra: { inBatches: true, rollout: { ...plainRollout, batchSize: 1 } },
      than: { inBatches: true, rollout: plainRollout },
    },
    {
      what: 'other switches in a batch, by their labels',
      extra: { inBatches: true, devices: [pair('leaf-01', 'a'), pair('leaf-02', 'a'), pair('leaf-03', 'b')] },
      than: { inBatches: true, devices: [pair('leaf-01', 'a'), pair('leaf-02', 'b'), pair('leaf-03', 'b')] },
    },
    {
      what: 'other switches in a batch, by what they back up',
      extra: {
        inBatches: true,
        devices: [aChanging('leaf-01', { backsUp: ['k'] }), aChanging('leaf-02', { backsUp: ['k'] })],
      },
      than: { inBatches: true },
    },
    { what: 'a shorter timer', extra: { ...one({}), rollout: { devicesAtOnce: 10, confirmWithinSeconds: 299 } } },
  ])('differs with $what', ({ extra, than = one({}) }) => {
    expect(digestOf(extra)).not.toBe(digestOf(than));
  });

  it.each<Case>([
    { what: 'another commit, the same to do', extra: { ...one({}), source: { head: 'x', base: 'y', tree: 'z' } } },
    {
      what: 'another reason of the request: it says why, not what',
      extra: { ...one({}), request: fullRequest },
      than: { ...one({}), request: { ...fullRequest, reason: 'other words' } },
    },
    {
      what: 'another order of what is named in a rollout',
      extra: { ...one({}), rollout: fullRollout },
      than: {
        ...one({}),
        rollout: {
          ...fullRollout,
          apart: fullRollout.apart.toReversed(),
          expectedChanges: fullRollout.expectedChanges.toReversed(),
        },
      },
    },
    {
      what: 'another order of the members of rollout and request',
      extra: { ...one({}), rollout: fullRollout, request: fullRequest },
      than: { ...one({}), rollout: turned(fullRollout), request: turned(fullRequest) },
    },
    { what: 'what it backs up, where there are no batches', extra: one({ backsUp: ['mlag'] }) },
    { what: 'another base token', extra: one({ baseToken: '8:applied', runningDigest: 'f'.repeat(64) }) },
    { what: 'other words', extra: one({ notes: ['unsaved'], trial: 'accepted' }) },
    {
      what: 'another name the switch gives itself',
      extra: one({ identity: { ...identity, hostname: 'x', model: 'y' } }),
    },
    {
      what: 'another role or label: they say who approves, not what is done',
      extra: one({ role: 'spine', labels: { a: 'b' } }),
    },
    {
      what: 'a quoted number',
      extra: one({ changes: [planned(set('mtu', 9000))] }),
      than: one({ changes: [planned(set('mtu', '9000'))] }),
    },
    {
      what: 'a device that is blocked or unchanged',
      extra: { devices: [aChanging('leaf-01'), aBlocked('leaf-02'), anUnchanged('leaf-03')] },
    },
    {
      what: 'another mark or origin',
      extra: one({
        changes: [planned(set('a', 1), { origin: 'x.yaml:1', marks: [{ kind: 'disruptive', reason: 'r' }] })],
      }),
      than: one({ changes: [planned(set('a', 1))] }),
    },
  ])('stays with $what', ({ extra, than = one({}) }) => {
    expect(digestOf(extra)).toBe(digestOf(than));
  });

  it('does not depend on the order of devices or changes', () => {
    const changes = [planned(set('swp2 mtu', 1)), planned(unset('swp10 mtu', 2)), planned(set('a', {}))];
    const names = ['leaf-01', 'leaf-02', 'leaf-10', 'spine-01'];
    fc.assert(
      fc.property(
        fc.shuffledSubarray(names, { minLength: 4 }),
        fc.shuffledSubarray(changes, { minLength: 3 }),
        (order, shuffled) => {
          const plan = aPlan({ devices: order.map((name) => aChanging(name, { changes: shuffled })) });
          const sorted = aPlan({ devices: names.map((name) => aChanging(name, { changes })) });

          expect(plan).toEqual(sorted);
        },
      ),
    );
  });

  it('is made of what the device digests are made of, so that each device can be checked alone', () => {
    const device = aChanging('leaf-01');

    expect(digestOfDevice({ ...device, changes: device.changes.map(({ change }) => change) })).toBe(device.digest);
  });
});

describe('makePlan()', () => {
  it('puts devices with equal changes in one group, most careful first, then the largest', () => {
    const marked = (kind: 'disruptive' | 'management') => [
      planned(set(`x ${kind}`, 1), { marks: [{ kind, reason: 'why' }] }),
    ];
    const { groups } = aPlan({
      devices: [
        aChanging('leaf-10'),
        aChanging('leaf-2'),
        aChanging('solo', { changes: [planned(set('ntp', 'b', 'a')), planned(unset('ntp2', 'a'))] }),
        aChanging('spine-1', { changes: marked('disruptive') }),
        aChanging('oob-1', { changes: marked('management') }),
      ],
    });

    expect(
      groups.map(({ name, devices, added, changed, removed }) => ({ name, devices, added, changed, removed })),
    ).toEqual([
      { name: 'A', devices: ['oob-1'], added: 1, changed: 0, removed: 0 },
      { name: 'B', devices: ['spine-1'], added: 1, changed: 0, removed: 0 },
      { name: 'C', devices: ['leaf-2', 'leaf-10'], added: 1, changed: 0, removed: 0 },
      { name: 'D', devices: ['solo'], added: 0, changed: 1, removed: 1 },
    ]);
  });

  it('counts groups on past Z', () => {
    const devices = Array.from({ length: 28 }, (_, index) =>
      aChanging(`leaf-${index}`, { changes: [planned(set('mtu', index))] }),
    );

    expect(
      aPlan({ devices })
        .groups.map(({ name }) => name)
        .slice(24),
    ).toEqual(['Y', 'Z', 'AA', 'AB']);
  });

  it('marks in a group what is marked on any of its devices, and counts their files', () => {
    const at = (line: number) =>
      planned(set('a', 1), {
        origin: `devices/leaf-0${line}.yaml:3`,
        marks: line === 2 ? [{ kind: 'disruptive', reason: 'r' }] : [],
      });
    const [group] = aPlan({
      devices: [aChanging('leaf-01', { changes: [at(1)] }), aChanging('leaf-02', { changes: [at(2)] })],
    }).groups;

    expect(group?.changes).toEqual([
      {
        change: set('a', 1),
        marks: [{ kind: 'disruptive', reason: 'r' }],
        origin: 'devices/leaf-01.yaml:3 and 1 more',
      },
    ]);
  });
});

describe('planFromJson()', () => {
  const plan = aPlan({
    ...full,
    devices: [aChanging('leaf-01', { notes: ['x'] }), aBlocked('leaf-02'), anUnchanged('leaf-03')],
    removed: ['old'],
    elsewhere: 3,
  });
  const stored = () => JSON.parse(planToJson(plan));

  it('reads what planToJson() wrote', () => {
    expect(planFromJson(planToJson(plan))).toEqual(plan);
  });

  it('reads a plan whose JSON has its members in another order', () => {
    const turned = JSON.stringify(Object.fromEntries(Object.entries(stored()).reverse()));

    expect(planFromJson(turned)).toEqual(plan);
  });

  it.each<{ what: string; edit: (json: ReturnType<typeof stored>) => void; where: string }>([
    {
      what: 'a change that was edited',
      edit: (json) => (json.devices[0].changes[0].change.path[3] = '666'),
      where: '/devices/0/digest',
    },
    {
      what: 'an identity that was edited',
      edit: (json) => (json.devices[0].identity.pin = 'sha256:x'),
      where: '/devices/0/digest',
    },
    { what: 'a rollout that was edited', edit: (json) => (json.rollout.devicesAtOnce = 500), where: '/digest' },
    { what: 'a batch size that was edited', edit: (json) => (json.rollout.batchSize = 500), where: '/digest' },
    { what: 'a request that was edited', edit: (json) => (json.request.outsideWindows = false), where: '/digest' },
    { what: 'a request that was taken out', edit: (json) => delete json.request, where: '/digest' },
    { what: 'batches that were taken out', edit: (json) => delete json.batches, where: '/digest' },
    { what: 'a gate it does not know', edit: (json) => (json.rollout.gate = 'none'), where: '/rollout/gate' },
    { what: 'text where a flag belongs', edit: (json) => (json.rollout.barrier = 'yes'), where: '/rollout/barrier' },
    {
      what: 'a field of a request it does not know',
      edit: (json) => (json.request.force = 1),
      where: '/request/force',
    },
    {
      what: 'a field of a rollout it does not know',
      edit: (json) => (json.rollout.force = 1),
      where: '/rollout/force',
    },
    { what: 'a device that was taken out', edit: (json) => json.devices.splice(0, 1), where: '/digest' },
    { what: 'a digest that was edited', edit: (json) => (json.digest = `p1:${'0'.repeat(64)}`), where: '/digest' },
    { what: 'another version', edit: (json) => (json.version = 2), where: '/version' },
    { what: 'a field it does not know', edit: (json) => (json.devices[1].force = true), where: '/devices/1/force' },
    { what: 'a field that is missing', edit: (json) => delete json.devices[0].trial, where: '/devices/0/trial' },
    { what: 'a number where text belongs', edit: (json) => (json.source.head = 5), where: '/source/head' },
    {
      what: 'a map where a leaf belongs',
      edit: (json) => (json.devices[0].changes[0].change.to = { a: 1 }),
      where: '/devices/0/changes/0/change/to',
    },
    { what: 'a kind it does not know', edit: (json) => (json.devices[2].kind = 'approved'), where: '/devices/2/kind' },
    { what: 'text where a list belongs', edit: (json) => (json.stages = 'all'), where: '/stages' },
  ])('refuses $what', ({ edit, where }) => {
    const json = stored();
    edit(json);

    expect(() => planFromJson(JSON.stringify(json))).toThrow(
      expect.objectContaining({
        code: 'PLANS_PLAN_UNREADABLE',
        disposition: 'void-approval',
        details: expect.objectContaining({ where }),
      }),
    );
  });

  it('refuses what is not JSON without quoting it', () => {
    try {
      planFromJson('{"password": hush');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'PLANS_PLAN_UNREADABLE' });
      expect(`${(error as Error).stack}${String((error as Error).cause)}`).not.toContain('hush');
    }
  });
});

it('planFromJson() makes batches anew rather than believe those that are stored', () => {
  const plan = aPlan({ ...full, rollout: { ...plainRollout, batchSize: 1 } });
  const json = JSON.parse(planToJson(plan));
  json.batches = [{ number: 1, devices: ['leaf-02', 'leaf-01'] }];

  expect(planFromJson(JSON.stringify(json))).toEqual(plan);
});

it('planFromJson() reads any plan planToJson() wrote, with every field that is new', () => {
  fc.assert(
    fc.property(anyPlan, (plan) => {
      expect(planFromJson(planToJson(plan))).toEqual(plan);
    }),
  );
});

it('makeChangingDevice() and makePlan() survive JSON, whatever the changes', () => {
  const leaf = fc.oneof(fc.constant({}), fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  const change = fc.record({
    kind: fc.constant('set' as const),
    path: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
    to: leaf,
  });
  fc.assert(
    fc.property(fc.uniqueArray(change, { minLength: 1, selector: ({ path }) => JSON.stringify(path) }), (changes) => {
      const device = makeChangingDevice({
        ...aChanging('leaf-01'),
        changes: changes.map((each) => planned(each as never)),
      });
      const plan = makePlan({ ...aPlan(), devices: [device] });

      expect(planFromJson(planToJson(plan))).toEqual(plan);
    }),
  );
});
