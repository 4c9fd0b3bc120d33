import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRemote } from '../../git/open-remote.ts';
import { serveSmartHttp } from './smart-http-server.ts';
import {
  bareFolder,
  commit,
  environment,
  failureOf,
  git,
  never,
  remoteCopy,
  tempFolder,
  workTree,
} from './temp-repos.ts';

const MAIN = 'refs/heads/main';
const TOKEN = 'ghs_canaryCANARY0123456789';

/** A server that takes {@link TOKEN}, and a copy whose token is asked for. */
async function asking(token: (signal: AbortSignal) => Promise<string>) {
  const folder = bareFolder();
  git(folder, 'config', 'http.receivepack', 'true');
  const server = await serveSmartHttp(dirname(folder), TOKEN);
  const address = { url: `${server.url}/repo.git`, token };
  return { folder, server, copy: await openRemote(address, join(tempFolder(), 'copy.git'), { environment }) };
}

function tokensIn(authorizations: readonly (string | undefined)[]): readonly string[] {
  const sent = authorizations.map((value) =>
    Buffer.from((value ?? '').replace(/^Basic /, ''), 'base64')
      .toString('utf8')
      .replace(/^x-access-token:/, ''),
  );
  return [...new Set(sent)];
}

describe('a token that is asked for', () => {
  it('is asked for before every conversation, so that one that ended is never sent again', async () => {
    const tokens = ['ghs_endedENDED', TOKEN, TOKEN];
    const { server, copy } = await asking(async () => tokens.shift() ?? 'none');
    const id = await commit(copy, { a: '1' });

    const refused = await failureOf(copy.push(MAIN, id, undefined, never));
    expect(refused).toMatchObject({ code: 'GIT_REMOTE_FAILED', details: { problem: 'refused' } });
    expect(tokensIn(server.authorizations)).toEqual(['ghs_endedENDED']);

    expect(await copy.push(MAIN, id, undefined, never)).toEqual({ kind: 'pushed' });
    expect((await copy.fetch([MAIN], never)).get(MAIN)).toBe(id);
    expect(tokensIn(server.authorizations)).toEqual(['ghs_endedENDED', TOKEN]);
  });

  it('is not asked for by what stays on this machine', async () => {
    let asked = 0;
    const { copy } = await asking(async () => {
      asked++;
      return TOKEN;
    });

    const id = await commit(copy, { a: '1' });
    await copy.readFile(id, 'a');

    expect(asked).toBe(0);
  });

  it('that cannot be had ends the conversation with the reason, before anything is sent', async () => {
    const reason = new Error('no installation');
    const { server, copy } = await asking(() => Promise.reject(reason));

    expect(await failureOf(copy.fetch([MAIN], never))).toBe(reason);
    expect(server.requests).toEqual([]);
  });

  it('is refused when it cannot be sent in a header, and is not shown', async () => {
    const { server, copy } = await asking(async () => 'two\nlines');

    const error = await failureOf(copy.fetch([MAIN], never));

    expect(error).toMatchObject({ code: 'GIT_ADDRESS_REFUSED' });
    expect(JSON.stringify(error)).not.toContain('two');
    expect(server.requests).toEqual([]);
  });

  it('is in no error', async () => {
    const { copy } = await asking(async () => 'ghs_canaryOTHER9876543210');

    const error = await failureOf(copy.fetch([MAIN], never));

    const basic = Buffer.from('x-access-token:ghs_canaryOTHER9876543210').toString('base64');
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(new RegExp(`canary|${basic}`));
  });

  it.each(['http://git.example.net/acme/fleet.git', 'ssh://git@example.net/acme/fleet.git'])(
    'is refused for %s before it is asked for',
    async (url) => {
      const open = openRemote({ url, token: async () => TOKEN }, join(tempFolder(), 'copy.git'), { environment });

      expect(await failureOf(open)).toMatchObject({ code: 'GIT_ADDRESS_REFUSED' });
    },
  );
});

describe('defaultBranch()', () => {
  it('is the branch the remote points its HEAD at, whatever it is called', async () => {
    const folder = workTree({ a: '1' });
    git(folder, 'branch', '-m', 'main', 'release/next');

    expect(await (await remoteCopy(folder)).defaultBranch(never)).toBe('refs/heads/release/next');
  });

  it('is none of a repository without a commit, and of one whose HEAD is on no branch', async () => {
    const detached = workTree({ a: '1' });
    git(detached, 'checkout', '--quiet', '--detach');

    expect(await (await remoteCopy(bareFolder())).defaultBranch(never)).toBeUndefined();
    expect(await (await remoteCopy(detached)).defaultBranch(never)).toBeUndefined();
  });

  it('fails when the remote cannot be asked', async () => {
    const copy = await remoteCopy(join(tempFolder(), 'nothing.git'));

    expect(await failureOf(copy.defaultBranch(never))).toMatchObject({ details: { operation: 'look' } });
  });
});
