import { describe, expect, it } from 'vitest';
import type { CommandRecord } from '../../ledger/ledger.ts';
import { RUN, started, T0 } from './build.ts';
import { createWorld, signal } from './world.ts';

const record: CommandRecord = {
  comment: 1_000_001,
  at: T0,
  by: 'dora',
  verb: 'pause',
  args: [RUN],
  verdict: 'done',
  why: 'it is paused',
  runs: [RUN],
  told: false,
};
const commands = (...records: readonly CommandRecord[]) => ({ title: 'commands', commands: new Map([[412, records]]) });

describe('records of commands', () => {
  it('are kept by pull request and comment, the last line of a comment counting', async () => {
    const world = createWorld();
    const ledger = await world.ledger();
    const { verb: _none, runs: _neither, ...bare } = record;

    await ledger.append(async () => commands(record), signal);
    const view = await ledger.append(async () => commands({ ...record, told: true }, { ...bare, comment: 7 }), signal);

    expect([...(await view.commands(412)).values()]).toEqual([
      { ...record, told: true },
      { ...bare, comment: 7 },
    ]);
    expect(world.show('commands/pr-412.jsonl').split('\n')).toHaveLength(4);
    expect((await view.commands(413)).size).toBe(0);
  });

  it('are written in the same commit as what they did', async () => {
    const world = createWorld();
    const ledger = await world.ledger();
    await ledger.append(async () => ({ title: 'start', events: new Map([[RUN, [started()]]]) }), signal);

    const event = { at: T0, kind: 'run-paused', by: 'dora' } as const;
    const view = await ledger.append(async () => ({ ...commands(record), events: new Map([[RUN, [event]]]) }), signal);

    expect(world.titles()).toEqual(['start', 'commands']);
    expect((await view.run(RUN))?.status).toBe('PAUSED');
    expect((await view.commands(412)).has(record.comment)).toBe(true);
  });

  it('hold no secret', async () => {
    const world = createWorld();
    const ledger = await world.ledger({ redact: (text) => text.replaceAll('canary', '•••') });

    await ledger.append(async () => commands({ ...record, why: 'the canary', args: ['canary'] }), signal);

    expect(world.show('commands/pr-412.jsonl')).not.toContain('canary');
  });

  it.each([
    ['a line that is cut', '{"comment":1'],
    ['a field that is not known', `${JSON.stringify({ ...record, extra: 1 })}\n`],
    ['a verdict that is none', `${JSON.stringify({ ...record, verdict: 'maybe' })}\n`],
    ['told that is neither true nor false', `${JSON.stringify({ ...record, told: 'yes' })}\n`],
  ])('are refused as a whole with %s, to read and to add to', async (_, text) => {
    const world = createWorld();
    const copy = await world.copy();
    const commit = await copy.writeCommit({
      files: new Map([['commands/pr-412.jsonl', text]]),
      message: 'by hand',
      author: { name: 'x', email: 'x@example.net', at: T0 },
    });
    await copy.push('refs/heads/pointsman/ledger', commit, undefined, signal);
    const ledger = world.ledgerOn(copy);

    const unreadable = {
      code: 'LEDGER_UNREADABLE',
      details: expect.objectContaining({ file: 'commands/pr-412.jsonl' }),
    };
    await expect((await ledger.view(signal)).commands(412)).rejects.toMatchObject(unreadable);
    await expect(ledger.append(async () => commands(record), signal)).rejects.toMatchObject(unreadable);
  });
});
