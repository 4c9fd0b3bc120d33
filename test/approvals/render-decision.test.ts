import { describe, expect, it } from 'vitest';
import { decideApproval } from '../../approvals/decide-approval.ts';
import { renderDecision, summarizeDecision, verdictsJson } from '../../approvals/render-decision.ts';
import { DEFAULT_REQUIREMENT } from '../../approvals/requirements-for.ts';
import { aReview, network, OLD_HEAD, someEvidence } from './build.ts';

const two = { ...network, approvals: 2, users: ['max'] };

describe('renderDecision()', () => {
  it.each([
    { what: 'granted', evidence: {}, summary: 'approved by ana', lines: ['- `ana` approves: counts for network'] },
    {
      what: 'waiting',
      evidence: {
        requirements: [two, DEFAULT_REQUIREMENT],
        reviews: [aReview(), aReview({ reviewer: 'eve' }), aReview({ reviewer: 'bo', state: 'commented' as const })],
      },
      summary: 'waiting for 2 approvals',
      lines: [
        '- network: needs 2 approvals from `@acme/noc` or `@max`, has 1',
        '- default rule: needs 2 approvals from people with maintain permission, has 0',
        '- `ana` approves: counts for network',
        '- `eve` approves: does not count as an approval, given by the author of the pull request',
      ],
    },
    {
      what: 'rejected',
      evidence: { reviews: [aReview({ state: 'changes-requested' as const })] },
      summary: 'rejected by ana',
      lines: ['- `ana` asks for changes'],
    },
    {
      what: 'void',
      evidence: { reviews: [aReview({ commit: OLD_HEAD })] },
      summary: 'the approval does not hold any more',
      lines: ['- `ana` approves: does not count as an approval, it is of commit `77e0f12`, this plan is of `a1b2c3d`'],
    },
    {
      what: 'a no of somebody without a say',
      evidence: {
        reviews: [
          aReview(),
          aReview({ reviewer: 'zoe', state: 'changes-requested' as const }),
          aReview({ reviewer: 'bo', state: 'dismissed' as const }),
        ],
      },
      summary: 'approved by ana',
      lines: [
        '- `ana` approves: counts for network',
        '- `zoe` asks for changes: does not count, the rules do not name this person',
        '- `bo`: dismissed',
      ],
    },
  ])('says $what', ({ evidence, summary, lines }) => {
    const decision = decideApproval(someEvidence(evidence));

    expect(renderDecision(decision)).toEqual(lines);
    expect(summarizeDecision(decision)).toBe(summary);
  });

  it('mentions nobody and links nothing, whatever people are called and rules say', () => {
    const requirements = [{ ...network, approvals: 2, name: 'ask @octocat #1 </details>' }];
    const lines = renderDecision(
      decideApproval(
        someEvidence({
          requirements,
          people: { ...someEvidence().people, hands: { known: false, why: 'see https://evil.example @x' } },
        }),
      ),
    );

    expect(lines.join('\n').replace(/`[^`]*`/g, '')).not.toMatch(/[@#<>]|https?:/);
  });
});

it('verdictsJson() keeps every review, counted or not, and why', () => {
  const stored = JSON.parse(
    verdictsJson(
      decideApproval(someEvidence({ reviews: [aReview(), aReview({ reviewer: 'bo', state: 'commented' })] })),
    ),
  );

  expect(stored).toMatchObject({
    kind: 'granted',
    approval: { by: ['ana'] },
    verdicts: [
      { review: { reviewer: 'ana' }, countsFor: ['network'] },
      { review: { reviewer: 'bo' }, countsFor: [], why: 'a comment is no verdict' },
    ],
  });
});
