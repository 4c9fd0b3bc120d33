import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GitRemoteError } from '../../git/errors.ts';
import { openRemote } from '../../git/open-remote.ts';
import type { RemoteRepository } from '../../git/repository.ts';
import { serveSmartHttp } from './smart-http-server.ts';
import { bareFolder, commit, environment, failureOf, git, never, remoteCopy, tempFolder } from './temp-repos.ts';

const MAIN = 'refs/heads/main';
const TOKEN = 'ghs_canaryCANARY0123456789';
const BASIC = Buffer.from(`x-access-token:${TOKEN}`).toString('base64');

/** A server with one empty repository, and a copy of it. */
async function overHttp(token = TOKEN) {
  const folder = bareFolder();
  git(folder, 'config', 'http.receivepack', 'true');
  const server = await serveSmartHttp(dirname(folder), TOKEN);
  return { folder, server, copy: await remoteCopy(`${server.url}/repo.git`, token) };
}

async function pushFirst(copy: RemoteRepository): Promise<string> {
  const id = await commit(copy, { a: '1' });
  await copy.push(MAIN, id, undefined, never);
  return id;
}

describe('over smart HTTP', () => {
  it('pushes, fetches and loses a race like anywhere else', async () => {
    const { server, copy, folder } = await overHttp();
    const other = await remoteCopy(`${server.url}/repo.git`, TOKEN);

    const first = await pushFirst(copy);
    const tips = await other.fetch([MAIN, 'refs/heads/none'], never);
    const second = await commit(other, { a: '2' }, first);
    expect(await other.push(MAIN, second, first, never)).toEqual({ kind: 'pushed' });
    expect(await copy.push(MAIN, await commit(copy, { a: '3' }, first), first, never)).toEqual({ kind: 'moved' });

    expect(tips).toEqual(new Map([[MAIN, first]]));
    expect(git(folder, 'rev-parse', 'main')).toBe(second);
  });

  it('looks once and fetches nothing when everything is here already', async () => {
    const { server, copy } = await overHttp();
    const id = await pushFirst(copy);
    const before = server.requests.length;

    expect((await copy.fetch([MAIN], never)).get(MAIN)).toBe(id);

    expect(server.requests.slice(before)).toEqual([
      'GET /repo.git/info/refs?service=git-upload-pack',
      'POST /repo.git/git-upload-pack',
    ]);
  });

  it('needs a person when the token is refused', async () => {
    const { copy } = await overHttp('wrong');

    const error = await failureOf(copy.fetch([MAIN], never));

    expect(error).toBeInstanceOf(GitRemoteError);
    expect(error).toMatchObject({ disposition: 'needs-human', details: { problem: 'refused' } });
    expect(String(error)).toContain('the token is not accepted');
  });

  it('takes the page of a proxy for no answer, and not for a repository without branches', async () => {
    const { server, copy } = await overHttp();
    await pushFirst(copy);
    server.fault = () => ({ kind: 'page' });

    const fetching = await failureOf(copy.fetch([MAIN], never));
    const asking = await failureOf(copy.defaultBranch(never));

    for (const error of [fetching, asking]) {
      expect(error).toMatchObject({ disposition: 'retry-later', details: { problem: 'unreachable' } });
      expect(String(error)).toContain('does not speak Git');
      expect(String(error)).not.toContain(BASIC);
    }
  });

  it('believes a server that speaks Git that a branch is not there', async () => {
    const { copy } = await overHttp();

    expect(await copy.fetch([MAIN], never)).toEqual(new Map());
    await pushFirst(copy);
    expect(await copy.fetch(['refs/heads/none'], never)).toEqual(new Map());
  });

  it.each([
    [401, 'refused', 'needs-human'],
    [403, 'refused', 'needs-human'],
    [404, 'not-found', 'needs-human'],
    [407, 'unreachable', 'retry-later'],
    [429, 'unreachable', 'retry-later'],
    [500, 'unreachable', 'retry-later'],
    [502, 'unreachable', 'retry-later'],
    [503, 'unreachable', 'retry-later'],
  ])('takes a %i for %s', async (status, problem, disposition) => {
    const { server, copy } = await overHttp();
    server.fault = () => ({ kind: 'status', status });
    const id = await commit(copy, { a: '1' });

    const fetching = await failureOf(copy.fetch([MAIN], never));
    const pushing = await failureOf(copy.push(MAIN, id, undefined, never));

    expect(fetching).toMatchObject({ code: 'GIT_REMOTE_FAILED', disposition, details: { operation: 'look', problem } });
    expect(pushing).toMatchObject({ code: 'GIT_REMOTE_FAILED', disposition, details: { operation: 'push', problem } });
  });

  it('tries later when nobody listens', async () => {
    const copy = await remoteCopy('http://127.0.0.1:9/repo.git', TOKEN);

    expect(await failureOf(copy.fetch([MAIN], never))).toMatchObject({
      disposition: 'retry-later',
      details: { problem: 'unreachable' },
    });
  });

  it('does not know after a lost answer, and sees the commit at the next look', async () => {
    const { server, copy, folder } = await overHttp();
    const first = await pushFirst(copy);
    const second = await commit(copy, { a: '2' }, first);
    server.fault = (request) => (request === 'POST /repo.git/git-receive-pack' ? { kind: 'hang-up-after' } : undefined);

    const error = await failureOf(copy.push(MAIN, second, first, never));

    expect(error).toMatchObject({ code: 'GIT_REMOTE_FAILED', disposition: 'retry-later' });
    expect(git(folder, 'rev-parse', 'main')).toBe(second);
    server.fault = () => undefined;
    expect((await copy.fetch([MAIN], never)).get(MAIN)).toBe(second);
  });

  it('looks again when the branch was rewritten between looking and fetching', async () => {
    const { server, copy, folder } = await overHttp();
    const old = await pushFirst(copy);
    const fresh = await commit(copy, { b: '1' });
    await copy.push('refs/heads/other', fresh, undefined, never);
    const reader = await remoteCopy(`${server.url}/repo.git`, TOKEN);
    let conversations = 0;
    server.fault = (request) => {
      if (request === 'POST /repo.git/git-upload-pack') conversations += 1;
      if (conversations !== 2) return undefined;
      git(folder, 'update-ref', MAIN, fresh);
      git(folder, 'prune', '--expire=now');
      return undefined;
    };

    expect((await reader.fetch([MAIN], never)).get(MAIN)).toBe(fresh);

    expect(await reader.resolve(old)).toBeUndefined();
    expect(conversations).toBe(4);
  });

  it('uses its token and nothing of the user’s beside it', async () => {
    const { server } = await overHttp();
    const home = tempFolder();
    const settings = [
      '[credential]',
      `helper = "!touch ${home}/asked; echo"`,
      `[http "${server.url}/"]`,
      'extraHeader = Authorization: Basic somebody-else',
    ];
    writeFileSync(join(home, '.gitconfig'), settings.join('\n'));
    const open = (token: string) =>
      openRemote({ url: `${server.url}/repo.git`, token }, join(tempFolder(), 'copy.git'), {
        environment: { ...environment, HOME: home },
      });

    expect(await (await open(TOKEN)).fetch([MAIN], never)).toEqual(new Map());
    expect(await failureOf((await open('wrong')).fetch([MAIN], never))).toMatchObject({
      details: { problem: 'refused' },
    });

    expect(readdirSync(home)).toEqual(['.gitconfig']);
  });

  it('does not carry the token to where the server redirects', async () => {
    const { server, copy } = await overHttp();
    const elsewhere = await serveSmartHttp(tempFolder(), 'another');
    server.fault = (request) => ({ kind: 'status', status: 301, location: `${elsewhere.url}${request.split(' ')[1]}` });

    const error = await failureOf(copy.fetch([MAIN], never));

    expect(error).toMatchObject({ disposition: 'needs-human', details: { problem: 'untrusted' } });
    expect(elsewhere.requests).toEqual([]);
  });

  it('shows the token in no argument, file or error', async () => {
    const { server, copy } = await overHttp();
    const id = await commit(copy, { a: '1' });
    let seen = '';
    server.fault = () => {
      seen += execFileSync('ps', ['axww', '-o', 'args'], { encoding: 'utf8' });
      return undefined;
    };
    await copy.push(MAIN, id, undefined, never);
    await copy.fetch([MAIN], never);
    server.fault = () => ({ kind: 'status', status: 403 });
    const error = await failureOf(copy.push(MAIN, await commit(copy, { a: '2' }, id), id, never));
    if (!(error instanceof GitRemoteError)) throw error;

    const files = readdirSync(copy.gitDir, { recursive: true, encoding: 'utf8' })
      .map((name) => join(copy.gitDir, name))
      .filter((name) => statSync(name).isFile())
      .map((name) => readFileSync(name, 'latin1'));
    const shown = [seen, ...files, error.stack, JSON.stringify(error), String(error.cause)].join('\n');

    expect(seen).toContain('git-remote-http');
    expect(server.authorizations).toContain(`Basic ${BASIC}`);
    expect(shown).not.toContain(TOKEN);
    expect(shown).not.toContain(BASIC);
  });

  it('takes the token out of what a talkative server says', async () => {
    const { copy, folder } = await overHttp();
    writeFileSync(join(folder, 'hooks/pre-receive'), `#!/bin/sh\necho "I got ${TOKEN} and ${BASIC}" >&2\nexit 1\n`, {
      mode: 0o755,
    });
    const id = await commit(copy, { a: '1' });

    const error = await failureOf(copy.push(MAIN, id, undefined, never));

    expect(error.message).toContain('I got «token» and «token»');
    expect(error.stack).not.toContain(TOKEN);
  });

  it('ends at once when aborted, and leaves nothing running', async () => {
    const { server, copy } = await overHttp();
    const abort = new AbortController();
    const reason = new Error('enough');
    server.fault = () => {
      abort.abort(reason);
      return { kind: 'silence' };
    };

    const start = performance.now();
    expect(await failureOf(copy.fetch([MAIN], abort.signal))).toBe(reason);

    // Sooner than git is killed outright: it was asked to end, and could tidy up.
    expect(performance.now() - start).toBeLessThan(1500);
    expect(execFileSync('ps', ['axww', '-o', 'args'], { encoding: 'utf8' })).not.toContain(`${server.url}/repo.git`);
    expect(await failureOf(copy.fetch([MAIN], abort.signal))).toBe(reason);
    expect(server.requests).toHaveLength(1);
  });

  it('calls a time limit that ran out by its name', async () => {
    const { server, copy } = await overHttp();
    server.fault = () => ({ kind: 'silence' });

    const error = await failureOf(copy.fetch([MAIN], AbortSignal.timeout(50)));

    expect(error).toMatchObject({
      code: 'GIT_REMOTE_FAILED',
      disposition: 'retry-later',
      details: { problem: 'timed-out' },
    });
  });
});

describe('over SSH', () => {
  /** The protocol of ssh without the network: runs the remote's command here, and writes down how it was called. */
  function fakeSsh() {
    const bin = tempFolder();
    const script = ['#!/bin/sh', `echo "$@" >> ${bin}/calls`, 'for last; do :; done', 'exec sh -c "$last"', ''];
    writeFileSync(join(bin, 'ssh'), script.join('\n'), { mode: 0o755 });
    return { program: join(bin, 'ssh'), bin, calls: () => readFileSync(join(bin, 'calls'), 'utf8') };
  }

  it('pushes and fetches, and forbids ssh to ask questions', async () => {
    const { bin, calls } = fakeSsh();
    const folder = bareFolder();
    const withSsh = { ...environment, PATH: `${bin}:${environment['PATH']}` };
    const url = `git@example.net:${folder}`;
    const copy = await openRemote({ url }, join(tempFolder(), 'copy.git'), { environment: withSsh });
    const other = await openRemote({ url: `ssh://git@example.net${folder}` }, join(tempFolder(), 'copy.git'), {
      environment: withSsh,
    });

    const id = await pushFirst(copy);

    expect(await other.fetch([MAIN], never)).toEqual(new Map([[MAIN, id]]));
    expect(await other.readFile(id, 'a')).toBe('1');
    expect(await other.push(MAIN, await commit(other, { z: '1' }), undefined, never)).toEqual({ kind: 'moved' });
    expect(calls()).toMatch(/^-o BatchMode=yes .*git@example\.net git-receive-pack/m);
  });

  it.each(['GIT_SSH_COMMAND', 'GIT_SSH', 'core.sshCommand'])(
    'leaves the command to whoever has set %s',
    async (how) => {
      const { program, calls } = fakeSsh();
      const home = tempFolder();
      if (how === 'core.sshCommand') writeFileSync(join(home, '.gitconfig'), `[core]\nsshCommand = ${program}\n`);
      const copy = await openRemote({ url: `git@example.net:${bareFolder()}` }, join(tempFolder(), 'copy.git'), {
        environment: { ...environment, HOME: home, [how]: program },
      });

      await pushFirst(copy);

      expect(calls()).toContain('git-receive-pack');
      expect(calls()).not.toContain('BatchMode');
    },
  );

  it.each([
    ['git@github.com: Permission denied (publickey).', 'refused', 'needs-human'],
    ['Host key verification failed.', 'untrusted', 'needs-human'],
    ['ssh: connect to host example.net port 22: Connection refused', 'unreachable', 'retry-later'],
    ['ssh: Could not resolve hostname example.net: Temporary failure in name resolution', 'unreachable', 'retry-later'],
    ['ERROR: Repository not found.', 'not-found', 'needs-human'],
  ])('understands "%s"', async (words, problem, disposition) => {
    const bin = tempFolder();
    writeFileSync(join(bin, 'ssh'), `#!/bin/sh\necho '${words}' >&2\nexit 255\n`, { mode: 0o755 });
    const copy = await openRemote({ url: 'git@example.net:a/b.git' }, join(tempFolder(), 'copy.git'), {
      environment: { ...environment, GIT_SSH_COMMAND: join(bin, 'ssh') },
    });

    expect(await failureOf(copy.fetch([MAIN], never))).toMatchObject({ disposition, details: { problem } });
  });
});

describe('the address', () => {
  it.each([
    ['ext::sh -c "touch /tmp/x"', undefined],
    ['fd::3', undefined],
    ['-uupload', undefined],
    ['--upload-pack=x', undefined],
    ['', undefined],
    ['ftp://example.net/x', undefined],
    ['git://example.net/x', undefined],
    ['https://user:pw@example.net/x', undefined],
    ['https://token@example.net/x', undefined],
    ['ssh://git:pw@example.net/x', undefined],
    ['https://', undefined],
    ['http://example.net/x', TOKEN],
    ['http://127.0.0.1.example.net/x', TOKEN],
    ['ssh://git@example.net/x', TOKEN],
    ['/srv/x.git', TOKEN],
    ['https://example.net/x', 'two\nlines'],
    ['https://example.net/x', ''],
  ])('%j is refused, and not repeated', async (url, token) => {
    const error = await failureOf(remoteCopy(url, token));

    expect(error).toMatchObject({ code: 'GIT_ADDRESS_REFUSED', disposition: 'needs-human' });
    expect(JSON.stringify(error)).not.toContain('pw');
    expect(JSON.stringify(error)).not.toContain(TOKEN);
  });
});
