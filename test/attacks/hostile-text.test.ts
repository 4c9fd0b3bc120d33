import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderDecision, summarizeDecision } from '../../approvals/render-decision.ts';
import { readAnswer } from '../../cli/action/read-answer.ts';
import { showInvalid } from '../../cli/action/show-invalid.ts';
import { showPass } from '../../cli/action/show-pass.ts';
import { showPlan } from '../../cli/action/show-plan.ts';
import type { Forge } from '../../forge/forge.ts';
import { renderCheckSummary } from '../../plans/render-check-summary.ts';
import { renderComment } from '../../plans/render-comment.ts';
import { renderPlanMarkdown } from '../../plans/render-plan-markdown.ts';
import { prose } from '../../plans/safe-text.ts';
import { checkSchedule } from '../../reconciler/check-schedule.ts';
import { renderReply } from '../../reconciler/commands/answer.ts';
import { gateBody } from '../../reconciler/gates/gate-words.ts';
import { createRealClock } from '../../sandbox/clock.ts';
import { aReview, network } from '../approvals/build.ts';
import { aBlocked, aChanging, anUnchanged, aPlan, planned } from '../plans/build.ts';

/** Text of switches, branches, titles, people and YAML that wants to be more than text. */
const FRAGMENTS = [
  '@evil',
  '@evil/team',
  '#666',
  'GH-666',
  'x,GH-666',
  'evil/repo#666',
  'fixes #666',
  'https://evil.example',
  'www.evil.example',
  '(www.evil.example',
  'badc0ffee0ddf00d',
  'x-badc0ffee0ddf00d',
  '<details>',
  '</details>',
  '</summary>',
  '<img src=evil>',
  '</code>',
  '-->',
  '<!-- pointsman:plan v1 pr=7 -->',
  '<!-- pointsman:command 7 -->',
  '`',
  '``',
  '```',
  '~~~',
  '\\',
  '\\`',
  '|',
  '\n',
  '\n\n',
  '\r',
  '\t',
  '\n## evil',
  '\n- evil',
  '-',
  '1.',
  '**evil**',
  '[evil](http://evil)',
  '![evil](http://evil)',
  '&#64;evil',
  '::error::evil',
  '##[error]evil',
  '%0A',
  '\u202e',
  '\u200b',
  '\ufeff',
  '\u0000',
  '\u001b[2J',
  '\u2028',
  '\ud800',
  'leaf',
  '',
] as const;
const hostile = fc
  .array(fc.tuple(fc.constantFrom(...FRAGMENTS), fc.constantFrom('', ' ')), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.flat().join(''));

/** What the next alarm issue would say. */
async function alarmOf(workflowFile: string): Promise<string> {
  let body = '';
  const forge: Pick<Forge, 'latestScheduledRun' | 'raiseAlarm'> = {
    latestScheduledRun: async () => undefined,
    raiseAlarm: async (_, alarm) => {
      body = alarm?.body ?? '';
    },
  };
  const question = { workflowFile, withinMilliseconds: 1 };
  await checkSchedule({ forge, clock: createRealClock({ speed: 1 }) }, question, new AbortController().signal);
  return body;
}

/** One hostile text in every place of every page that reaches GitHub. */
async function pagesWith(text: string): Promise<Readonly<Record<string, string>>> {
  const error = { code: text, disposition: 'needs-human', message: text, next: text, details: { text } } as const;
  const plan = aPlan({
    devices: [
      aChanging(text, {
        changes: [
          planned(
            { kind: 'set', path: ['a', text], to: text, from: [text] },
            { origin: text, marks: [{ kind: 'management', reason: text }] },
          ),
        ],
        identity: { hostname: text, serial: text, model: text, version: text, pin: text },
        notes: [text],
      }),
      { ...aBlocked('b'), device: text, error },
      anUnchanged('c'),
    ],
    removed: [text],
  });
  const source = { pullRequest: 7, head: 'a'.repeat(40), base: 'b'.repeat(40), tree: 'c'.repeat(40) };
  const problem = { file: text, line: 1, column: 2, code: 'SCHEMAS_X', message: text, hint: text, excerpt: text };
  const requirement = { ...network, name: text, users: [text], teams: [text] };
  const decision = {
    kind: 'waiting',
    missing: [{ requirement, missing: 1 }],
    verdicts: [
      { review: aReview(), countsFor: [], why: text },
      { review: aReview(), countsFor: [text] },
    ],
  } as const;
  const approval = {
    kind: 'waiting',
    summary: summarizeDecision(decision),
    lines: renderDecision(decision),
    expiresAfterHours: 24,
  } as const;
  const comment = {
    id: 1,
    pullRequest: 7,
    author: text,
    authorIsBot: false,
    body: text,
    createdAt: 0,
    edited: false,
    url: 'https://github.com/acme/fleet/pull/7#issuecomment-1',
  };
  const asked = { run: 'run', stage: 'stage', digest: 'p1:0', commit: 'a'.repeat(40), why: text };
  return {
    comment: renderComment(plan, { pullRequest: 7, approval, replaces: { digest: 'p1:0', why: text } }),
    moved: renderComment(plan, { pullRequest: 7, movedTo: { pullRequest: 7, url: 'https://github.com/x', why: text } }),
    notPlanned: renderComment({ source, reason: 'fork', baseBranch: text, devices: [text] }, { pullRequest: 7 }),
    otherBase: renderComment({ source, reason: 'other-base', baseBranch: text, devices: [] }, { pullRequest: 7 }),
    invalid: renderComment({ source, problems: [problem] }, { pullRequest: 7 }),
    checkSummary: renderCheckSummary(plan),
    checkInvalid: renderCheckSummary({ source, problems: [problem] }),
    fullPlan: renderPlanMarkdown(plan),
    gate: gateBody(asked, prose(text)),
    reply: renderReply(comment, { verdict: 'refused', why: text, next: text, copy: text }),
    alarm: await alarmOf(text),
    jobPlan: showPlan(plan).summary,
    jobInvalid: showInvalid([problem]).summary,
    jobPass: showPass({
      commands: [],
      runs: [{ kind: 'waiting', run: text, why: text }],
      leftOut: [{ schedule: text, why: text }],
      pullRequests: [{ kind: 'skipped', number: 7, why: text }],
      failures: [{ about: text, error }],
    }).summary,
    jobWords: readAnswer('alive', { code: 0, out: `${text}\n`, said: '' }).summary,
  };
}

/** The page without what a forge reads nothing in: fenced blocks, spans and elements of code, where our links go. */
function outsideCode(page: string): string {
  return page
    .replace(/^(`{3,})[a-z]*\n[\s\S]*?\n\1$/gm, '')
    .replace(/^<!-- pointsman:[^<>]* -->$/m, '')
    .replace(/(?<!`)(`+)(?!`)([^\n]*?)(?<!`)\1(?!`)/g, '')
    .replace(/<code>[^<]*<\/code>/g, '')
    .replace(/\]\(<https?:[^<>\s]*>\)/g, '](…)');
}

const OUR_TAGS = /<\/?(?:details|summary|sub)>/g;
const ACTED_ON =
  /[<>`@|\\]|#(?!(?:7|412)\b)\w|\bGH-\d|https?:|(?<![a-z\d])www\.|(?<![a-z\d])badc0ffee[0-9a-f]*(?![a-z\d])|::|%0A|!\[|\]\((?!…)|&#|^#+ evil|^- evil/im;

describe('text of others, on whatever page', () => {
  it('stands in code, and nothing of it outside that a forge would act on', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        for (const [name, page] of Object.entries(await pagesWith(text))) {
          const bare = outsideCode(page)
            .replace(OUR_TAGS, '')
            .replace(/^\|.*\|$/gm, (row) => row.replaceAll('|', ' '));
          expect(bare.match(ACTED_ON)?.[0], `${name}:\n${bare}`).toBeUndefined();
        }
      }),
      { numRuns: 200 },
    );
  });

  it('hides nothing: what cannot be seen is shown by its number', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        for (const [name, page] of Object.entries(await pagesWith(text))) {
          expect(page.replaceAll('\n', '').match(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)?.[0], name).toBeUndefined();
        }
      }),
      { numRuns: 100 },
    );
  });

  it('makes no list, heading or fold of its own at the beginning of a line', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(prose(text)).not.toMatch(/^(?:[-+*>#]|\d+[.)])(?:\s|$)/);
      }),
    );
  });

  it('forges no marker: the first line is ours, and only ours', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const { comment = '', reply = '' } = await pagesWith(text);
        expect(comment.split('\n', 1)[0]).toMatch(/^<!-- pointsman:plan v1 pr=7 digest=p1:[0-9a-f]{64} -->$/);
        expect(reply.split('\n', 1)[0]).toBe('<!-- pointsman:command 1 -->');
      }),
      { numRuns: 50 },
    );
  });
});
