import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Probe } from '../../drivers/driver.ts';
import { judgeHealth, renderProbes } from '../../workflows/judge-health.ts';

const up = (name: string, found = 'up'): Probe => ({ name, ok: true, found });
const down = (name: string, found = 'down'): Probe => ({ name, ok: false, found });
const judge = (before: readonly Probe[] | undefined, now: readonly Probe[], expected: readonly string[] = []) =>
  judgeHealth(before, now, expected);

describe('judgeHealth()', () => {
  it.each<{ what: string; before: readonly Probe[] | undefined; now: readonly Probe[]; worse: readonly string[] }>([
    { what: 'nothing when all is as before', before: [up('interface swp1')], now: [up('interface swp1')], worse: [] },
    {
      what: 'a link that was up and is down',
      before: [up('interface swp1')],
      now: [down('interface swp1')],
      worse: ['interface swp1: not ok (down)'],
    },
    {
      what: 'no link that was down before',
      before: [down('interface swp1')],
      now: [down('interface swp1')],
      worse: [],
    },
    { what: 'no link that came up', before: [down('interface swp1')], now: [up('interface swp1')], worse: [] },
    {
      what: 'a link that was up and is gone',
      before: [up('interface swp1')],
      now: [],
      worse: ['interface swp1: gone, was up'],
    },
    { what: 'no link that was down and is gone', before: [down('interface swp1')], now: [], worse: [] },
    {
      what: 'a session that was established and is gone',
      before: [up('bgp swp51', 'established')],
      now: [],
      worse: ['bgp swp51: gone, was established'],
    },
    {
      what: 'a new session that does not come up',
      before: [],
      now: [down('bgp swp52', 'active')],
      worse: ['bgp swp52: not ok (active)'],
    },
    { what: 'no new session that came up', before: [], now: [up('bgp swp52', 'established')], worse: [] },
    {
      what: 'an MLAG peer that is gone',
      before: [up('mlag-peer', 'peer-alive True')],
      now: [],
      worse: ['mlag-peer: gone, was peer-alive True'],
    },
    {
      what: 'a system that is not well any more',
      before: [up('system-health', 'OK')],
      now: [down('system-health', 'Not OK; FAN1: missing')],
      worse: ['system-health: not ok (Not OK; FAN1: missing)'],
    },
    {
      what: 'no other words for what is still well',
      before: [up('mlag-peer', 'peer-alive True')],
      now: [up('mlag-peer', 'peer-alive on')],
      worse: [],
    },
    {
      what: 'everything that is bad when nobody looked before',
      before: undefined,
      now: [down('interface swp1'), up('interface swp2')],
      worse: ['interface swp1: not ok (down)'],
    },
  ])('counts $what', ({ before, now, worse }) => {
    expect(judge(before, now)).toEqual({ worse, expected: [] });
  });

  it('takes what was declared for expected, and nothing else', () => {
    const before = [up('interface swp1'), up('interface swp10'), up('bgp swp51', 'established'), up('mlag-peer')];
    const now = [down('interface swp1'), down('interface swp10'), down('mlag-peer')];

    expect(judge(before, now, ['interface swp1', 'bgp swp5?', 'lldp *'])).toEqual({
      worse: ['interface swp10: not ok (down)', 'mlag-peer: not ok (down)'],
      expected: ['interface swp1: not ok (down)', 'bgp swp51: gone, was established'],
    });
  });

  describe('of LLDP neighbours', () => {
    const link = up('interface swp1');
    const spine: Probe = up('lldp swp1', 'spine01 swp1');
    const seen = (found: string, ...others: readonly string[]): Probe => ({ ...spine, found, others });

    it.each<{ what: string; before: Probe; now: readonly Probe[]; worse: readonly string[] }>([
      {
        what: 'one of another system',
        before: spine,
        now: [link, seen('spine02 swp1')],
        worse: ['lldp swp1: spine02 swp1, was spine01 swp1'],
      },
      {
        what: 'one at another port',
        before: spine,
        now: [link, seen('spine01 swp2')],
        worse: ['lldp swp1: spine01 swp2, was spine01 swp1'],
      },
      {
        what: 'one that is gone though the link is up',
        before: spine,
        now: [link],
        worse: ['lldp swp1: gone, was spine01 swp1'],
      },
      {
        what: 'only the link when it is down',
        before: spine,
        now: [down('interface swp1')],
        worse: ['interface swp1: not ok (down)'],
      },
      { what: 'only the link when it is gone', before: spine, now: [], worse: ['interface swp1: gone, was up'] },
      { what: 'no new one', before: link, now: [link, spine], worse: [] },
      {
        what: 'no change of who of two is the younger',
        before: seen('server01 eth0', 'server01 nic'),
        now: [link, seen('server01 nic', 'server01 eth0')],
        worse: [],
      },
      {
        what: 'a new one though the former lingers',
        before: spine,
        now: [link, seen('spine02 swp1', 'spine01 swp1')],
        worse: ['lldp swp1: spine02 swp1, was spine01 swp1'],
      },
      {
        what: 'the one that counted when only a lingering one is left',
        before: seen('server01 eth0', 'server01 nic'),
        now: [link, seen('server01 nic')],
        worse: ['lldp swp1: server01 nic, was server01 eth0'],
      },
      { what: 'no lingering one that went', before: seen('spine01 swp1', 'old swp9'), now: [link, spine], worse: [] },
    ])('counts $what', ({ before, now, worse }) => {
      expect(judge([link, before], now)).toEqual({ worse, expected: [] });
    });

    it('counts one that is gone where links are not probed', () => {
      expect(judge([spine], []).worse).toEqual(['lldp swp1: gone, was spine01 swp1']);
    });
  });
});

describe('judgeHealth(), whatever the probes', () => {
  const name = fc.constantFrom('interface swp1', 'interface swp2', 'lldp swp1', 'lldp swp2', 'bgp swp1', 'mlag-peer');
  const found = fc.constantFrom('a', 'b', 'c');
  const probe: fc.Arbitrary<Probe> = fc.record(
    { name, ok: fc.boolean(), found, others: fc.array(found, { maxLength: 2 }) },
    { requiredKeys: ['name', 'ok', 'found'] },
  );
  const probes = fc.uniqueArray(probe, { selector: (one) => one.name });
  const globs = fc.array(fc.oneof(name, fc.constantFrom('interface *', 'lldp *', '* swp1', 'mlag-peer', '?')));

  it('finds nothing when nothing changed, nor when all was bad before', () => {
    fc.assert(
      fc.property(probes, probes, (same, now) => {
        expect(judge(same, same).worse).toEqual([]);
        const allBad = [...now, ...same].map((one) => ({ ...one, ok: false }));
        expect(judge(allBad, now).worse).toEqual([]);
      }),
    );
  });

  it('finds the same things whatever is declared, and only sorts them', () => {
    fc.assert(
      fc.property(fc.option(probes, { nil: undefined }), probes, globs, (before, now, declared) => {
        const { worse, expected } = judge(before, now, declared);

        expect([...worse, ...expected].sort()).toEqual(judge(before, now).worse.toSorted());
        expect(judge(before, now, ['*']).worse).toEqual([]);
      }),
    );
  });

  it('lets nothing through that was well and is not', () => {
    fc.assert(
      fc.property(probes, probes, (before, now) => {
        const bad = now.filter(({ ok }) => !ok).map((one) => one.name);
        const wasWell = before.filter(({ ok, name: one }) => ok && bad.includes(one));

        const { worse } = judge(before, now);

        expect(wasWell.filter((one) => !worse.some((words) => words.startsWith(`${one.name}: `)))).toEqual([]);
      }),
    );
  });
});

describe('renderProbes()', () => {
  it('keeps every probe for the record, with what got worse as expected marked', () => {
    const before = [up('interface swp1'), up('interface swp2'), up('lldp swp2', 'a 1'), up('bgp swp1', 'established')];
    const now = [down('interface swp1'), up('interface swp2'), up('lldp swp2', 'b 1')];

    const lines = renderProbes(now, judge(before, now, ['*']));

    expect(lines).toEqual([
      'interface swp1: not ok (down), expected',
      'interface swp2: ok (up)',
      'lldp swp2: ok (b 1)',
      'lldp swp2: b 1, was a 1, expected',
      'bgp swp1: gone, was established, expected',
    ]);
  });

  it('does not call expected what was bad before', () => {
    const now = [down('interface swp1')];

    expect(renderProbes(now, judge(now, now, ['*']))).toEqual(['interface swp1: not ok (down)']);
  });
});
