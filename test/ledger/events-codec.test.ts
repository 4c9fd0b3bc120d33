import { describe, expect, it } from 'vitest';
import type { OutcomeCounts, RunEvent } from '../../ledger/events.ts';
import { formatEvents, parseEvents } from '../../ledger/events-codec.ts';
import { OUTCOME_KINDS } from '../../ledger/outcome-words.ts';
import { anError, applied, ended, intent, moved, planned, started, T0 } from './build.ts';

const FILE = 'runs/2026/11/r/events.jsonl';
/** Every field a kind may have is there at least once; the compiler asks for every kind. */
const BY_KIND: Readonly<Record<RunEvent['kind'], readonly RunEvent[]>> = {
  'run-started': [
    started(),
    started({
      base: 'b'.repeat(40),
      shard: 'ams1',
      request: 'racks',
      schedule: 'nightly',
      scheduledFor: T0,
      reason: 'racks 7 to 9',
      parent: 'multideploy-for-racks-a1b2c3d4e5f6',
      batch: { number: 1, of: 3, canary: true },
      timeoutAt: T0 + 1,
      evenWhenPaused: true,
    }),
  ],
  'stage-moved': [
    moved('perform_backup', 'FAILED', T0, {
      why: 'because',
      error: anError({ details: { path: ['a'], tries: 3 } }),
      by: 'dora',
      recovery: { deviceState: 'old', advice: 'look' },
    }),
  ],
  'retry-delayed': [{ at: T0, kind: 'retry-delayed', stage: 's', until: T0 + 1, attempt: 1, of: 3, why: 'no answer' }],
  held: [{ at: T0, kind: 'held', why: 'a freeze', until: T0 + 1 }],
  'child-started': [
    { at: T0, kind: 'child-started', stage: 's', run: 'r', batch: { number: 1, of: 3, canary: true }, devices: 4 },
  ],
  'child-ended': [
    { at: T0, kind: 'child-ended', stage: 's', run: 'r', status: 'FAILED', outcomes: everyOutcome(), why: 'because' },
  ],
  'barrier-decided': [{ at: T0, kind: 'barrier-decided', stage: 's', decision: 'take-back', why: 'leaf-01 went back' }],
  'artifact-written': [{ at: T0, kind: 'artifact-written', stage: 's', file: 'diff.md' }],
  planned: [planned(['leaf-01'])],
  'gate-opened': [{ at: T0, kind: 'gate-opened', stage: 's', pullRequest: 9 }],
  decided: [{ at: T0, kind: 'decided', stage: 's', digest: 'p1:x', decision: 'void', by: [], why: 'moved' }],
  intent: [intent(['leaf-01'])],
  'lease-extended': [{ at: T0, kind: 'lease-extended', owner: { id: 'x' }, deadline: T0 + 1 }],
  'device-ended': [
    ended('leaf-01', applied),
    ended('leaf-01', { kind: 'in-sync' }),
    ended('leaf-01', { kind: 'faulty', candidate: '3', error: anError() }),
    ended('leaf-01', { kind: 'reverted', error: anError() }),
    ended('leaf-01', { kind: 'untouched', error: anError() }),
    ended('leaf-01', { kind: 'unknown', error: anError() }),
    ended('leaf-01', { kind: 'differs', digest: 'd', changes: 3 }),
    ended('leaf-01', { kind: 'backed-up', changed: true }),
  ],
  'backed-up': [{ at: T0, kind: 'backed-up', site: 'ams1', device: 'leaf-01', file: 'backups/ams1/leaf-01.yaml' }],
  'end-wanted': [{ at: T0, kind: 'end-wanted', by: 'dora', why: 'the site goes down' }],
  'run-paused': [{ at: T0, kind: 'run-paused', by: 'automation.yaml', why: 'moving', automatic: true }],
  'run-resumed': [{ at: T0, kind: 'run-resumed', by: 'dora', why: 'moved' }],
  'run-ended': [
    {
      at: T0,
      kind: 'run-ended',
      status: 'TIMED_OUT',
      why: 'late',
      by: 'dora',
      recovery: { stage: 's', deviceState: 'old', advice: 'look' },
    },
  ],
};
const everyKind = Object.values(BY_KIND).flat();

function everyOutcome(): OutcomeCounts {
  return Object.fromEntries(OUTCOME_KINDS.filter((kind) => kind !== 'open').map((kind) => [kind, 1]));
}

/** Everything a member of an event could be replaced by that is not of its type. */
const STRANGERS = [null, true, -1.5, 'x\u0000', [{}], { stray: 1 }];

describe('parseEvents()', () => {
  it('reads back every kind of event', () => {
    expect(parseEvents(formatEvents(everyKind), FILE)).toEqual(everyKind);
  });

  it('finds no event in an empty file', () => {
    expect(parseEvents('', FILE)).toEqual([]);
  });

  it.each([
    { case: 'a line that is not JSON', text: `${formatEvents([started()])}{"at":1,\n`, line: 2 },
    { case: 'an empty line', text: `\n${formatEvents([started()])}`, line: 1 },
    { case: 'a last line without its end', text: `${formatEvents([started()])}{"at":1`, line: 2 },
    { case: 'a complete last line without its end', text: formatEvents([started(), started()]).trimEnd(), line: 2 },
    { case: 'a kind nobody knows', text: '{"at":1,"kind":"nap"}\n', line: 1 },
    { case: 'a kind every object knows', text: '{"at":1,"kind":"toString"}\n', line: 1 },
    { case: 'a value that is no event', text: '[]\n', line: 1 },
    { case: 'an end that is none', text: '{"at":1,"kind":"run-ended","status":"PAUSED"}\n', line: 1 },
    {
      case: 'an end of another run that is none',
      text: '{"at":1,"kind":"child-ended","stage":"s","run":"r","status":"PAUSED","outcomes":{}}\n',
      line: 1,
    },
    {
      case: 'an outcome nobody knows',
      text: '{"at":1,"kind":"child-ended","stage":"s","run":"r","status":"FAILED","outcomes":{"melted":1}}\n',
      line: 1,
    },
    {
      case: 'a decision of a barrier that is none',
      text: '{"at":1,"kind":"barrier-decided","stage":"s","decision":"wait","why":"w"}\n',
      line: 1,
    },
  ])('refuses $case, naming file and line', ({ text, line }) => {
    expect(() => parseEvents(text, FILE)).toThrowError(
      expect.objectContaining({ code: 'LEDGER_UNREADABLE', details: expect.objectContaining({ file: FILE, line }) }),
    );
  });

  it('says where in the line the trouble is, and quotes nothing of it', () => {
    const broken = formatEvents([intent(['leaf-01'])]).replace('"attempt":1', '"attempt":"hunter2"');

    expect(() => parseEvents(broken, FILE)).toThrowError(
      expect.objectContaining({
        message: `${FILE}:1 on the ledger cannot be read: /devices/0/attempt is not a whole number from 0 up`,
      }),
    );
  });

  it.each(everyKind.map((event) => ({ kind: event.kind, event })))(
    'refuses a $kind with a field it does not know',
    ({ event }) => {
      const line = `${JSON.stringify({ ...event, unless: 'tuesday' })}\n`;

      expect(() => parseEvents(line, FILE)).toThrowError(
        expect.objectContaining({ details: expect.objectContaining({ problem: '/unless is not known' }) }),
      );
    },
  );

  it.each(everyKind.flatMap((event) => Object.keys(event).map((field) => ({ kind: event.kind, field, event }))))(
    'refuses a $kind whose $field is of another type',
    ({ field, event }) => {
      const stranger = STRANGERS.filter((value) => typeof value !== typeof event[field as keyof RunEvent]);

      for (const value of stranger) {
        const line = `${JSON.stringify({ ...event, [field]: value })}\n`;
        expect(() => parseEvents(line, FILE), line).toThrowError(
          expect.objectContaining({ code: 'LEDGER_UNREADABLE' }),
        );
      }
    },
  );
});
