import { describe, expect, it } from 'vitest';
import type { CommentContext } from '../../plans/comment-context.ts';
import type { InvalidFleet } from '../../plans/plan.ts';
import { renderCheckSummary } from '../../plans/render-check-summary.ts';
import { renderComment } from '../../plans/render-comment.ts';
import { renderPlanMarkdown } from '../../plans/render-plan-markdown.ts';
import { renderPlanText } from '../../plans/render-plan-text.ts';
import { aBlocked, aChanging, anUnchanged, aPlan, planned } from './build.ts';

/** One string in every place a foreign text can reach. */
function poisoned(text: string): { readonly pages: readonly string[]; readonly terminal: string } {
  const error = { code: text, disposition: 'needs-human', message: text, next: text, details: { text } } as const;
  const plan = aPlan({
    workflow: text,
    stages: [text],
    devices: [
      aChanging(text, {
        changes: [
          planned(
            { kind: 'set', path: ['a', text], to: text, from: [text] },
            { origin: text, marks: [{ kind: 'management', reason: text }] },
          ),
          planned({ kind: 'unset', path: [text], from: text }),
        ],
        identity: { hostname: text, serial: text, model: text, version: text, pin: text },
        baseToken: text,
        notes: [text],
      }),
      { ...aBlocked('b'), device: text, error },
      aChanging('other'),
      anUnchanged(text),
    ],
    removed: [text],
    rollout: {
      devicesAtOnce: 1,
      confirmWithinSeconds: 60,
      canaryPercentage: 50,
      apart: [text],
      expectedChanges: [text],
    },
    request: { name: text, workflow: text, reason: text, schedule: text, backTo: text },
    inBatches: true,
  });
  const context: CommentContext = {
    pullRequest: 1,
    replaces: { digest: text, why: text },
    fullPlanUrl: text,
    links: [{ label: 'record', url: `https://example/${text}` }],
    commands: [text],
    run: {
      name: text,
      status: 'FAILED',
      why: text,
      startedAt: 0,
      stages: [{ name: text, state: 'FAILED', error }],
      devices: [
        { site: text, device: text, outcome: { kind: 'unknown', error } },
        { site: 's', device: 'd' },
      ],
      lease: { stage: text, devices: ['s/d'] },
    },
  };
  const { run, ...before } = context;
  const inBatches: CommentContext = {
    ...context,
    run: {
      name: text,
      status: 'RUNNING',
      startedAt: 0,
      stages: [{ name: text, state: 'IN_PROGRESS', history: [{ state: 'IN_PROGRESS', at: 0, by: text }] }],
      devices: run?.devices ?? [],
      hold: { why: text },
      batches: [
        {
          number: 1,
          devices: 1,
          state: 'asks',
          outcomes: {},
          gate: { pullRequest: 2, url: `https://example/${text}` },
        },
      ],
    },
  };
  const invalid: InvalidFleet = {
    source: plan.source,
    problems: [{ file: text, line: 1, column: 2, code: text, message: text, hint: text, excerpt: text }],
  };
  return {
    pages: [
      renderComment(plan, context),
      renderComment(plan, { ...before, closed: [{ site: text, why: text }] }),
      renderComment(plan, inBatches),
      renderComment(invalid, context),
      renderPlanMarkdown(plan),
      renderCheckSummary(plan),
      renderCheckSummary(invalid),
    ],
    terminal: renderPlanText(plan, { color: false }),
  };
}

/** The page without what a forge does not read: fenced blocks, code spans, code elements, and our own marker and tags. */
function whatForgesRead(page: string): string {
  return withoutFences(page)
    .replace(/^<!-- pointsman:plan v1 pr=\d+( digest=p1:[0-9a-f]{64})? -->$/m, '')
    .replace(/<code>[^<]*<\/code>/g, '')
    .replace(/\]\(<https:[^<>\s]*>\)/g, '](…)')
    .replace(/(?<!`)(`+)(?!`)([^\n]*?)(?<!`)\1(?!`)/g, '');
}

function withoutFences(page: string): string {
  return page.replace(/^(`{3,})[a-z]*\n[\s\S]*?\n\1$/gm, '');
}

const OUR_TAGS = /<\/?(?:details|summary|sub)>/g;

describe.each([
  { what: 'a mention', text: 'ask @octocat now', seen: /@octocat/ },
  { what: 'a reference', text: 'see #4711 and GH-4711 and acme/fleet#4711', seen: /4711/ },
  { what: 'a closing keyword', text: 'fixes #4711', seen: /#4711/ },
  { what: 'a bare address', text: 'go to https://evil.example/x or www.evil.example', seen: /evil/ },
  { what: 'an image', text: '![x](https://evil.example/p.png)', seen: /!\[|evil/ },
  { what: 'markup', text: '<img src=x onerror=alert(1)><h1>Approved</h1>', seen: /<img|<h1|onerror/ },
  { what: 'the end of a fold', text: '</details></summary>**Approved**', seen: /\*\*Approved/ },
  { what: 'a look-alike of our marker', text: '<!-- pointsman:plan v1 pr=1 digest=p1:0 -->', seen: /<!--/ },
  { what: 'a fence', text: '```\n## Approved by the boss\n```\n````', seen: /^## Approved/m },
  { what: 'a heading', text: 'x\n\n## Approved by the boss', seen: /^## Approved/m },
  { what: 'a row of a table', text: 'x | y |\n| **Z** | 1 | evil |', seen: /\| \*\*Z\*\*/ },
  { what: 'a commit', text: 'a1b2c3d4e5f60718293a4b5c6d7e8f90deadbeef', seen: /deadbeef/ },
])('a page that quotes $what', ({ text, seen }) => {
  const { pages, terminal } = poisoned(text);

  it('shows it as text only', () => {
    for (const page of pages) {
      expect(whatForgesRead(page)).not.toMatch(seen);
      expect(whatForgesRead(page).replace(OUR_TAGS, '')).not.toMatch(/[<>`]/);
    }
  });

  it('opens and ends only our own folds', () => {
    for (const page of pages) {
      const read = whatForgesRead(page);
      expect(read.match(/<details>/g)?.length ?? 0).toBe(read.match(/<\/details>/g)?.length ?? 0);
    }
  });

  it('has as many cells in every row as in its header', () => {
    for (const page of pages) {
      for (const table of withoutFences(page).match(/(?:^\|.*\n)+/gm) ?? []) {
        const cells = table
          .trimEnd()
          .split('\n')
          .map((row) => row.split('|').length);
        expect(new Set(cells).size).toBe(1);
      }
    }
  });

  it('is one line a line in a terminal', () => {
    expect(terminal).not.toMatch(/^## Approved/m);
  });
});

describe.each(['\u202e', '\u2066', '\u200b', '\ufeff', '\u0000', '\u001b[2J', '\r', '\u2028', '\u{e0041}'])(
  'a page that quotes %j',
  (hidden) => {
    const { pages, terminal } = poisoned(`a${hidden}b`);

    it('holds nothing that cannot be seen', () => {
      for (const page of [...pages, terminal])
        expect(page.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    });
  },
);

it('a page that shows invisible characters says so', () => {
  const [comment = ''] = poisoned('a\u202eb').pages;

  expect(comment).toContain('a⟨U+202E⟩b');
  expect(comment).toContain('invisible or direction-changing characters');
});
