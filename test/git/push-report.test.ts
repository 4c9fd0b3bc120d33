import { describe, expect, it } from 'vitest';
import { readPushReport } from '../../git/push-report.ts';
import { remoteProblem } from '../../git/remote-problem.ts';

const REF = 'refs/heads/main';
const ok = { exitCode: 0, said: '' };
const failed = { exitCode: 1, said: '' };
const row = (flag: string, text: string, ref = REF) => `To there\n${flag}\t${'a'.repeat(40)}:${ref}\t${text}\nDone\n`;

describe('the report of a push', () => {
  it.each([
    [' ', '1111111..2222222'],
    ['*', '[new branch]'],
  ])('means pushed with the flag %j', (flag, text) => {
    expect(readPushReport(row(flag, text), ok, REF)).toEqual({ kind: 'pushed' });
  });

  it.each([
    '[rejected] (fetch first)',
    '[rejected] (non-fast-forward)',
    '[rejected] (stale info)',
    '[rejected] (already exists)',
    "[remote rejected] (cannot lock ref 'refs/heads/main': is at 11 but expected 22)",
    '[remote rejected] (failed to update ref)',
    '[remote rejected] (incorrect old value provided)',
    '[remote rejected] (reference already exists)',
  ])('means that somebody else moved first: %s', (text) => {
    expect(readPushReport(row('!', text), failed, REF)).toEqual({ kind: 'moved' });
  });

  it.each([
    '[remote rejected] (protected branch hook declined)',
    '[remote rejected] (pre-receive hook declined)',
    '[remote rejected] (push declined due to repository rule violations)',
    '[remote rejected] (unpacker error)',
    '[remote rejected] (something new)',
    "[remote rejected] (cannot lock ref 'refs/heads/main': 'refs/heads' exists; cannot create 'refs/heads/main')",
  ])('is a refusal that no other look can cure: %s', (text) => {
    expect(readPushReport(row('!', text), failed, REF)).toEqual({ kind: 'rejected', reason: text });
  });

  it('says that somebody was there already with the same commit', () => {
    expect(readPushReport(row('=', '[up to date]'), ok, REF)).toEqual({ kind: 'there-already' });
  });

  it.each([
    ['nothing', '', ok],
    ['another ref', row(' ', '1..2', 'refs/heads/other'), ok],
    ['a longer ref that ends the same', row(' ', '1..2', `refs/x/${REF}`), ok],
    ['success, though git failed', row(' ', '1..2'), failed],
    ['a remote that did not report', row('!', '[remote failure] (remote failed to report status)'), failed],
    ['an unknown flag', row('?', 'what'), ok],
  ])('is unclear when it tells of %s', (_, output, end) => {
    expect(readPushReport(output, end, REF)).toEqual({ kind: 'unclear' });
  });
});

describe('what git says about a remote', () => {
  it.each([
    ["fatal: unable to access 'https://x/': Could not resolve host: x", 'unreachable'],
    ["fatal: unable to access 'https://x/': The requested URL returned error: 503", 'unreachable'],
    ['fatal: the remote end hung up unexpectedly', 'unreachable'],
    ['words nobody has heard before', 'unreachable'],
    ["fatal: unable to access 'https://x/': SSL certificate problem: self-signed certificate", 'untrusted'],
    ["fatal: Authentication failed for 'https://x/'", 'refused'],
    ["fatal: could not read Username for 'https://x': terminal prompts disabled", 'refused'],
    ['remote: Permission to a/b.git denied to someone.', 'refused'],
    ["fatal: repository 'https://x/' not found", 'not-found'],
    ["fatal: '/x' does not appear to be a git repository", 'not-found'],
    ['error: GH006: Protected branch update failed', 'rejected'],
    ['fatal: fsck error in packed object', 'rejected'],
    ["fatal: couldn't find remote ref refs/heads/x", 'busy'],
    ['fatal: remote error: upload-pack: not our ref 1111', 'busy'],
    ["error: cannot lock ref 'refs/heads/main': is at 1 but expected 2", 'busy'],
  ])('"%s" is %s', (said, problem) => {
    expect(remoteProblem(said)).toBe(problem);
  });
});
