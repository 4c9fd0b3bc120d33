import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRemote } from '../../git/open-remote.ts';
import { serveSmartHttp } from './smart-http-server.ts';
import { bareFolder, commit, environment, failureOf, git, never, remoteCopy, tempFolder } from './temp-repos.ts';

describe('trying whether we may push', () => {
  it('leaves the remote as it is, whether we may or not', async () => {
    const folder = bareFolder();
    git(folder, 'config', 'http.receivepack', 'true');
    const server = await serveSmartHttp(dirname(folder), 'ghs_right');
    const copyWith = (token: string) =>
      openRemote({ url: `${server.url}/repo.git`, token }, join(tempFolder(), 'copy.git'), { environment });
    const allowed = await copyWith('ghs_right');
    const refused = await copyWith('ghs_wrong');

    await allowed.tryPush(await commit(allowed, { a: '1' }), never);
    const failure = await failureOf(refused.tryPush(await commit(refused, { a: '1' }), never));

    expect(failure).toMatchObject({ code: 'GIT_REMOTE_FAILED', details: { operation: 'push', problem: 'refused' } });
    expect(git(folder, 'for-each-ref')).toBe('');
  });

  it('takes nothing for a commit that is none', async () => {
    const copy = await remoteCopy(bareFolder());

    expect(await failureOf(copy.tryPush('--all', never))).toMatchObject({ code: 'GIT_ARGUMENT_REFUSED' });
  });
});
