import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMAND_USAGE, parseCommand } from '../../approvals/commands.ts';
import { visible } from '../../plans/safe-text.ts';

const SHA = 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334';
const RUN = 'configurationdeploy-pr-412-a1b2c3d4e5f6';

describe('parseCommand()', () => {
  it.each([
    ['/pointsman help', { verb: 'help' }],
    ['/pointsman plan', { verb: 'plan' }],
    [`/pointsman plan ${SHA}`, { verb: 'plan', commit: SHA }],
    ['/pointsman plan A1B2C3D4E5F6', { verb: 'plan', commit: 'a1b2c3d4e5f6' }],
    ['/pointsman explain leaf-01.ams1', { verb: 'explain', device: 'leaf-01.ams1' }],
    ['/pointsman approve p1:9f3c21ab', { verb: 'approve', digest: 'p1:9f3c21ab' }],
    [`/pointsman approve P1:${'AB'.repeat(32)}`, { verb: 'approve', digest: `p1:${'ab'.repeat(32)}` }],
    ['/pointsman reject', { verb: 'reject' }],
    ['/pointsman reject wrong VLAN, see ticket', { verb: 'reject', reason: 'wrong VLAN, see ticket' }],
    [`/pointsman reject ${RUN}  wrong   VLAN`, { verb: 'reject', run: RUN, reason: 'wrong VLAN' }],
    ['/pointsman pause', { verb: 'pause' }],
    ['/pointsman pause because the site is on fire', { verb: 'pause', reason: 'because the site is on fire' }],
    ['/pointsman pause Störung in Zürich — später', { verb: 'pause', reason: 'Störung in Zürich — später' }],
    ['/pointsman pause e5f6 夜間作業', { verb: 'pause', run: 'e5f6', reason: '夜間作業' }],
    ['/pointsman pause dead beef', { verb: 'pause', run: 'dead', reason: 'beef' }],
    [`/pointsman resume ${RUN}`, { verb: 'resume', run: RUN }],
    ['/pointsman terminate d4e5f6', { verb: 'terminate', run: 'd4e5f6' }],
    ['/pointsman terminate d4e5f6 <!-- @all #1 -->', { verb: 'terminate', run: 'd4e5f6', reason: '<!-- @all #1 -->' }],
    [`/pointsman retry ${RUN}`, { verb: 'retry', run: RUN }],
    [`/pointsman retry ${RUN} perform_backup`, { verb: 'retry', run: RUN, stage: 'perform_backup' }],
    ['/pointsman adopt leaf01', { verb: 'adopt', device: 'leaf01' }],
    ['/pointsman revert leaf01', { verb: 'revert', device: 'leaf01' }],
    ['/pointsman \t plan  \r\nbecause the switch was fixed', { verb: 'plan' }],
    ['/pointsman help\rthanks', { verb: 'help' }],
  ])('reads %j', (body, command) => {
    expect(parseCommand(body)).toEqual({ kind: 'command', command });
  });

  it.each([
    ['an empty comment', ''],
    ['a sentence with a command in it', 'Please write /pointsman plan'],
    ['a quoted line', '> /pointsman plan'],
    ['a code block', '```\n/pointsman plan\n```'],
    ['an indented line, which is code', '    /pointsman plan'],
    ['one blank before it', ' /pointsman plan'],
    ['a list', '- /pointsman plan'],
    ['the second line', 'hello\n/pointsman plan'],
    ['an empty first line', '\n/pointsman plan'],
    ['something invisible before it', '\u200b/pointsman plan'],
    ['a byte order mark before it', '\ufeff/pointsman plan'],
    ['another word that begins alike', '/pointsmanship plan'],
    ['a path', '/pointsman/plan'],
    ['a comment of ours', '<!-- pointsman:command 1 -->\n/pointsman plan'],
  ])('hears nothing in %s', (_, body) => {
    expect(parseCommand(body)).toEqual({ kind: 'none' });
  });

  it.each([
    ['no word', '/pointsman', /names no command/],
    ['an unknown word', '/pointsman apply', /no command "apply"/],
    ['a capital', '/Pointsman plan', /small letters/],
    ['a verb in capitals', '/pointsman PLAN', /no command "PLAN"/],
    ['a no-break space', '/pointsman\u00a0plan', /not plain ASCII/],
    ['a zero-width space', '/pointsman plan\u200b', /not plain ASCII/],
    ['a right-to-left override', '/pointsman terminate \u202e1234', /not plain ASCII/],
    ['a Cyrillic letter', '/pointsman plаn', /not plain ASCII/],
    ['a flag', '/pointsman plan --force', /no commit/],
    ['a short commit', '/pointsman plan a1b2c3d4e5f', /no commit/],
    ['a long commit', `/pointsman plan ${SHA}0`, /no commit/],
    ['a word too many', `/pointsman plan ${SHA} now`, /1 word at most/],
    ['anything after help', '/pointsman help me', /nothing more/],
    ['no device', '/pointsman explain', /names no device/],
    ['a path for a device', '/pointsman explain ../../etc', /cannot be the name of a device/],
    ['no run', '/pointsman terminate', /names no run/],
    ['three characters for a run', '/pointsman pause e5f', /cannot be the name of a run/],
    ['nothing to try again', '/pointsman retry', /names no run/],
    ['a reason for a retry', `/pointsman retry ${RUN} perform_backup it was me`, /2 words at most/],
    ['no digest', '/pointsman approve', /does not say what is approved/],
    ['seven digits of a digest', '/pointsman approve p1:9f3c21a', /is no digest/],
    ['a digest without its beginning', '/pointsman approve 9f3c21ab', /is no digest/],
    ['a digest that is too long', `/pointsman approve p1:${'a'.repeat(65)}`, /is no digest/],
    ['a condition behind an approval', '/pointsman approve p1:9f3c21ab but only after six', /1 word at most/],
    [
      'a number that could be a run, where a reason begins',
      '/pointsman pause 3 leafs flap',
      /cannot be the name of a run/,
    ],
    [
      'a run with a letter that looks like another',
      '/pointsman pause configur\u0430tion-pr-1',
      /cannot be the name of a run/,
    ],
    ['a word for a run that has to be named', '/pointsman terminate Because it burns', /cannot be the name of a run/],
    ['a reason with something invisible in it', '/pointsman terminate d4e5f6 so\u200bso', /not plain ASCII/],
    ['a reason that turns around', '/pointsman pause so \u202eso', /not plain ASCII/],
    ['a reason with a no-break space', '/pointsman pause so\u00a0so', /not plain ASCII/],
    ['a reason with half a character', '/pointsman pause so \ud83d', /not plain ASCII/],
    ['letters of elsewhere where words are', '/pointsman explain leäf', /not plain ASCII/],
    ['a second command', '/pointsman plan\n\n/pointsman terminate e5f6', /more than one/],
    ['a second command after a lone carriage return', '/pointsman plan\n\n/pointsman\r\n', /more than one/],
    ['65,536 characters on one line', `/pointsman plan ${'a'.repeat(65_520)}`, /more than 512/],
  ])('refuses %s', (_, body, why) => {
    const parsed = parseCommand(body);

    expect(parsed).toMatchObject({ kind: 'unreadable', why: expect.stringMatching(why) });
  });

  it('names the nearest command for a slip', () => {
    expect(parseCommand('/pointsman plna')).toMatchObject({ form: '/pointsman plan [commit]' });
    expect(parseCommand('/pointsman terminat x')).toMatchObject({ form: '/pointsman terminate <run> [reason]' });
  });

  it('reads a command with 65,536 characters after it at once', () => {
    const body = `/pointsman help\n${'/pointsmanx '.repeat(5_460)}`;

    expect(parseCommand(body)).toEqual({ kind: 'command', command: { verb: 'help' } });
  });

  it('never throws, and acts only on a first line that begins at the first character, with plain words before the reason', () => {
    const pieces = fc.constantFrom(
      '/pointsman',
      ...Object.keys(COMMAND_USAGE),
      SHA,
      RUN,
      ' ',
      '\t',
      '\n',
      '\r\n',
      '> ',
      '`',
      '\u00a0',
      '\u200b',
      '\u2028',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.oneof(pieces, fc.string()), { maxLength: 8 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(text, (body) => {
        const parsed = parseCommand(body);
        if (parsed.kind !== 'command') return;
        const line = body.split(/\r\n|\n|\r/, 1)[0] ?? '';
        const reason = 'reason' in parsed.command ? (parsed.command.reason ?? '') : '';
        expect(visible(reason)).toBe(reason);
        const words = line.replaceAll(/[ \t]+/g, ' ').trim();
        expect(words.endsWith(reason)).toBe(true);
        expect(words.slice(0, words.length - reason.length)).toMatch(/^\/pointsman [a-z]+(?: [\w.:-]+)* ?$/);
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads back every command there can be, whatever blanks stand between its words', () => {
    const run = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{3,40}$/);
    const blank = fc.stringMatching(/^[ \t]{1,5}$/);
    const words = fc.oneof(
      fc.constant(['help']),
      fc.stringMatching(/^[0-9a-f]{12,40}$/).map((commit) => ['plan', commit]),
      run.map((name) => ['terminate', name]),
      run.filter((name) => /\d/.test(name)).map((name) => ['pause', name]),
      fc.stringMatching(/^p1:[0-9a-f]{8,64}$/).map((digest) => ['approve', digest]),
      fc.stringMatching(/^[a-z0-9]([a-z0-9._-]{0,20}[a-z0-9])?$/).map((device) => ['explain', device]),
    );
    fc.assert(
      fc.property(words, blank, fc.string(), ([verb = '', argument], between, rest) => {
        const line = ['/pointsman', verb, ...(argument === undefined ? [] : [argument])].join(between);
        const parsed = parseCommand(`${line}\n ${rest}`);
        expect(parsed).toMatchObject({ kind: 'command', command: { verb } });
        if (parsed.kind === 'command')
          expect(Object.values(parsed.command)).toEqual([verb, ...(argument ? [argument] : [])]);
      }),
    );
  });
});
