import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Answered, decideDrift, type OpenProposal } from '../../../reconciler/drift/decide-drift.ts';
import type { Way } from '../../../reconciler/drift/findings.ts';
import { finding, T0 } from './build.ts';

const none = new Map<string, Answered>();
const proposal = (id: string, pullRequest: number, way: Way = 'revert'): OpenProposal => ({ id, pullRequest, way });

describe('decideDrift()', () => {
  it('opens what its rule proposes, the way it says, and nothing where a rule only reports', () => {
    const findings = [finding('a', { propose: 'adopt' }), finding('b', { policy: 'report' })];

    const { open } = decideDrift({ findings, open: [], answered: none });

    expect(open.map(({ finding: { id }, way }) => [id, way])).toEqual([['a', 'adopt']]);
  });

  it('brings the open one up to date whichever way it goes, also where a rule only reports', () => {
    const findings = [finding('a', { policy: 'report' })];

    const decided = decideDrift({ findings, open: [proposal('a', 7, 'adopt')], answered: none });

    expect(decided).toMatchObject({ open: [], close: [], update: [{ proposal: { pullRequest: 7, way: 'adopt' } }] });
  });

  it('closes those whose difference is gone, and of two for one the older', () => {
    const open = [proposal('a', 9, 'adopt'), proposal('a', 7), proposal('b', 8)];

    const { close, update } = decideDrift({ findings: [finding('a')], open, answered: none });

    expect(close.map(({ proposal: { pullRequest }, why }) => [pullRequest, why])).toEqual([
      [7, 'second'],
      [8, 'gone'],
    ]);
    expect(update.map(({ proposal: { pullRequest } }) => pullRequest)).toEqual([9]);
  });

  it('does not ask again what was answered', () => {
    const answered = new Map<string, Answered>([['a', 'declined']]);

    expect(decideDrift({ findings: [finding('a')], open: [], answered }).open).toEqual([]);
  });

  it('counts those that are open already, and lets the newest wait', () => {
    const findings = ['a', 'b', 'c'].map((id, index) => finding(id, { most: 2, since: T0 + index }));

    const { open, waiting } = decideDrift({ findings, open: [proposal('c', 3)], answered: none });

    expect(open.map((one) => one.finding.id)).toEqual(['a']);
    expect(waiting.map(({ id }) => id)).toEqual(['b']);
  });
});

const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
const situations = fc.record({
  findings: fc.uniqueArray(fc.constantFrom(...ids), { maxLength: 6 }).chain((some) =>
    fc.tuple(
      ...some.map((id) =>
        fc
          .record({
            rule: fc.constantFrom('one', 'two'),
            policy: fc.constantFrom('report' as const, 'propose' as const),
            propose: fc.constantFrom<Way>('revert', 'adopt'),
          })
          .map((how) => finding(id, { ...how, most: how.rule === 'one' ? 1 : 2 })),
      ),
    ),
  ),
  open: fc
    .uniqueArray(fc.record({ id: fc.constantFrom(...ids, 'z'), way: fc.constantFrom<Way>('revert', 'adopt') }), {
      selector: ({ id, way }) => id + way,
      maxLength: 8,
    })
    .map((some) => some.map((one, index) => ({ ...one, pullRequest: index + 1 }))),
  answered: fc
    .uniqueArray(fc.constantFrom(...ids), { maxLength: 3 })
    .map((some) => new Map(some.map((id) => [id, 'declined' as const]))),
});

it('leaves every finding with at most one pull request, and closes every other', () => {
  fc.assert(
    fc.property(situations, (situation) => {
      const { open, update, close } = decideDrift(situation);
      const left = [...open.map((one) => one.finding.id), ...update.map((one) => one.finding.id)];
      expect(new Set(left).size).toBe(left.length);
      expect(update.length + close.length).toBe(situation.open.length);
    }),
  );
});

it('never opens more than a rule may have, counting what is open', () => {
  fc.assert(
    fc.property(situations, (situation) => {
      const { open, update } = decideDrift(situation);
      for (const [rule, most] of [
        ['one', 1],
        ['two', 2],
      ] as const) {
        const of = (some: readonly { readonly finding: { readonly rule?: string } }[]): number =>
          some.filter((one) => one.finding.rule === rule).length;
        if (of(open) > 0) expect(of(open) + of(update)).toBeLessThanOrEqual(most);
      }
    }),
  );
});

it('tells of everything that is proposed what becomes of it', () => {
  fc.assert(
    fc.property(situations, (situation) => {
      const { open, update, waiting } = decideDrift(situation);
      const told = new Set([...open, ...update].map((one) => one.finding.id).concat(waiting.map(({ id }) => id)));
      for (const { id, policy } of situation.findings) {
        if (policy === 'propose' && !situation.answered.has(id)) expect(told).toContain(id);
      }
    }),
  );
});
