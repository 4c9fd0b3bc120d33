import { describe, expect, it } from 'vitest';
import type { CommentContext } from '../../plans/comment-context.ts';
import type { Plan, PlannedChange } from '../../plans/plan.ts';
import { renderCheckSummary } from '../../plans/render-check-summary.ts';
import { renderComment } from '../../plans/render-comment.ts';
import { aBlocked, aChanging, aPlan, planned, set } from './build.ts';

const BUDGET = 58_000;
const url = 'https://github.com/acme/fleet/blob/pointsman/ledger/plans/pr-412/full.md';
const context: CommentContext = {
  pullRequest: 412,
  fullPlanUrl: url,
  steps: ['First.', 'Second.'],
  approval: {
    kind: 'waiting',
    summary: 'waiting for 2 approvals',
    lines: ['- network: needs 2 approvals'],
    expiresAfterHours: 24,
  },
};

const ports = (number: number, value: unknown, extra: Partial<PlannedChange> = {}): readonly PlannedChange[] =>
  Array.from({ length: number }, (_, index) =>
    planned(set(`interface swp${index + 1} description`, `${String(value)} port ${index + 1}`), {
      origin: `desired-state/roles/leaf.yaml:${index + 10}`,
      ...extra,
    }),
  );

/** Devices spread over groups by what they change. */
function bigPlan(devices: number, changesOf: (index: number) => readonly PlannedChange[]): Plan {
  return aPlan({
    devices: Array.from({ length: devices }, (_, index) =>
      aChanging(`leaf-${index + 1}`, { changes: changesOf(index) }),
    ),
  });
}

const disruptive = planned(set('router bgp autonomous-system', 1), {
  marks: [{ kind: 'disruptive', reason: 'the BGP ASN changes: FRR restarts' }],
});

const plans: readonly { readonly what: string; readonly plan: Plan; readonly verdict: string }[] = [
  {
    what: '1,000 devices in 40 groups of diffs',
    plan: bigPlan(1_000, (index) => ports(25, index % 40)),
    verdict: '1,000 devices change',
  },
  {
    what: '1,000 devices in 40 groups of huge diffs',
    plan: bigPlan(1_000, (index) => ports(400, index % 40)),
    verdict: '1,000 devices change',
  },
  {
    what: '1,000 devices that all differ',
    plan: bigPlan(1_000, (index) => ports(3, index)),
    verdict: '1,000 devices change',
  },
  {
    what: '1,000 devices in 1,000 batches, asked for at length',
    plan: aPlan({
      inBatches: true,
      rollout: {
        devicesAtOnce: 1,
        confirmWithinSeconds: 300,
        batchSize: 1,
        gate: 'each',
        apart: ['x'.repeat(90_000)],
        expectedChanges: Array(900).fill('y'.repeat(900)),
      },
      request: { name: 'all', workflow: 'MultiDeploy', reason: 'why '.repeat(30_000) },
      devices: Array.from({ length: 1_000 }, (_, index) =>
        aChanging(`leaf-${index + 1}`, { changes: ports(25, index % 40) }),
      ),
    }),
    verdict: '1,000 devices change in 1,000 batches',
  },
  { what: 'one device with 20,000 changes', plan: bigPlan(1, () => ports(20_000, 'x')), verdict: '1 device changes' },
  {
    what: 'one device with one enormous value',
    plan: bigPlan(1, () => [planned(set('system snippet', 'y'.repeat(500_000)))]),
    verdict: '1 device changes',
  },
  {
    what: '1,000 blocked devices with long reasons',
    plan: aPlan({
      devices: Array.from({ length: 1_000 }, (_, index) =>
        aBlocked(`leaf-${index}`, { message: `because ${'@x '.repeat(2_000)}`, next: '#1 '.repeat(900) }),
      ),
    }),
    verdict: 'no change, 1000 blocked',
  },
  {
    what: 'text made to grow when it is shown',
    plan: aPlan({
      devices: Array.from({ length: 300 }, (_, index) =>
        aChanging(`leaf-${index}`, {
          changes: [
            planned(
              { kind: 'set', path: ['\u202e'.repeat(3_000) + index, '`'.repeat(3_000)], to: '\u200b'.repeat(9_000) },
              { marks: [{ kind: 'management', reason: '` @a '.repeat(3_000) }] },
            ),
          ],
          notes: [`${index} ${'\u202e`@ '.repeat(3_000)}`],
        }),
      ),
      removed: Array.from({ length: 5_000 }, (_, index) => `old-${index}`),
    }),
    verdict: '300 devices change',
  },
];

describe.each(plans)('a comment on $what', ({ plan, verdict }) => {
  const comment = renderComment(plan, context);

  it('fits into what the forge takes', () => {
    expect(comment.length).toBeLessThanOrEqual(BUDGET);
  });

  it('keeps the verdict, the validity, the digest, the next step and the link', () => {
    expect(comment.split('\n')[1]).toContain(`## Plan: ${verdict}`);
    expect(comment).toContain('switches read 2026-11-20 10:12–10:13 UTC');
    expect(comment).toContain(plan.digest);
    expect(comment).toMatch(/^\*\*Next:\*\* /m);
    expect(comment).toContain(`(<${url}>)`);
  });

  it('says what it left out, and where that is', () => {
    expect(comment).toMatch(/^\*\*Left out to fit into a comment:\*\* .*full plan/m);
  });

  it('leaves no block open', () => {
    expect(comment.match(/<details>/g)?.length ?? 0).toBe(comment.match(/<\/details>/g)?.length ?? 0);
    expect((comment.match(/^`{3,}/gm)?.length ?? 0) % 2).toBe(0);
  });

  it('has a check summary that fits too', () => {
    expect(renderCheckSummary(plan).length).toBeLessThanOrEqual(BUDGET);
  });
});

describe('what a comment gives up', () => {
  const rowsOf = (comment: string) => comment.split('\n').filter((line) => /^\| \*\*[A-Z]+\*\*/.test(line));

  it('is nothing when all of it fits', () => {
    expect(
      renderComment(
        bigPlan(3, () => ports(20, 'x')),
        context,
      ),
    ).not.toContain('Left out');
  });

  it('is first the file each line comes from', () => {
    const comment = renderComment(
      bigPlan(1, () => ports(900, 'x')),
      context,
    );

    expect(comment).toContain('comment:** the file each line comes from.');
    expect(comment).toContain('+ set interface swp900 description "x port 900"');
  });

  it('is then the diffs of low-impact groups after the first, not of those that need care', () => {
    const comment = renderComment(
      bigPlan(30, (index) => [...(index >= 28 ? [disruptive] : []), ...ports(60, index)]),
      context,
    );

    expect(comment).toContain('Group A, disruptive');
    expect(comment).toContain('Group B, disruptive');
    expect(comment).toContain('Group C,');
    expect(comment).not.toContain('Group D,');
    expect(rowsOf(comment)).toHaveLength(30);
  });

  it('is then the middle of long diffs: head and tail stay, with what needs care in front', () => {
    const comment = renderComment(
      bigPlan(1, () => [...ports(3_000, 'x'), disruptive]),
      context,
    );

    expect(comment).toContain(
      '! disruptive: the BGP ASN changes: FRR restarts\n+ set router bgp autonomous-system 1\n+ set interface swp1 description "x port 1"',
    );
    expect(comment).toMatch(/# … 2,\d{3} lines not shown here …/);
    expect(comment).toContain('+ set interface swp3000 description "x port 3000"');
  });

  it('keeps all 40 rows of the table where 40 groups are many', () => {
    expect(
      rowsOf(
        renderComment(
          bigPlan(1_000, (index) => ports(400, index % 40)),
          context,
        ),
      ),
    ).toHaveLength(40);
  });

  it('sums up the rows it cannot show, with the devices in them', () => {
    const comment = renderComment(
      bigPlan(1_000, (index) => ports(3, index)),
      context,
    );

    expect(comment).toContain(
      `| … ${1_000 - rowsOf(comment).length} more groups | ${1_000 - rowsOf(comment).length} |`,
    );
  });
});
