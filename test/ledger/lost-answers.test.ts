import { describe, expect, it } from 'vitest';
import { GitRemoteError, type RemoteProblem } from '../../git/errors.ts';
import type { RemoteRepository } from '../../git/repository.ts';
import { serveSmartHttp } from '../git/smart-http-server.ts';
import { COMMIT, RUN, started } from './build.ts';
import { createWorld, signal } from './world.ts';

const start = { title: 'start', events: new Map([[RUN, [started()]]]) };
const lostAnswer = (operation: 'push' | 'look', problem: RemoteProblem = 'unreachable') =>
  new GitRemoteError({ operation, url: 'file:///fleet.git', problem, said: 'the line went dead' });

type Push = RemoteRepository['push'];

/** The first pushes go as `misfortunes` say, one each; later ones reach the remote. */
function unlucky(
  repository: RemoteRepository,
  misfortunes: readonly ((...push: Parameters<Push>) => ReturnType<Push>)[],
) {
  const left = [...misfortunes];
  const pushed: string[] = [];
  const push: Push = (...args) => {
    pushed.push(args[1]);
    return (left.shift() ?? repository.push)(...args);
  };
  return { repository: { ...repository, push }, pushed };
}

describe('append(), when the answer to a push is lost', () => {
  it('finds its step on the ledger and does not append it again', async () => {
    const world = createWorld();
    const copy = await world.copy();
    const { repository, pushed } = unlucky(copy, [
      async (...args) => {
        await copy.push(...args);
        throw lostAnswer('push');
      },
    ]);

    const view = await world.ledgerOn(repository).append(async () => start, signal);

    expect(world.titles()).toEqual(['start']);
    expect(view.tip).toBe(pushed[0]);
    expect(pushed).toHaveLength(1);
  });

  it('finds its step below what others wrote meanwhile', async () => {
    const world = createWorld();
    const [copy, other] = [await world.copy(), await world.ledger()];
    const { repository } = unlucky(copy, [
      async (...args) => {
        await copy.push(...args);
        await other.append(async () => ({ title: 'other', started: { commit: COMMIT } }), signal);
        throw lostAnswer('push');
      },
    ]);

    const view = await world.ledgerOn(repository).append(async () => start, signal);

    expect(world.titles()).toEqual(['start', 'other']);
    expect(view.tip).toBe(world.tip());
  });

  it('pushes the very same commit again when it did not land', async () => {
    const world = createWorld();
    let decisions = 0;
    const { repository, pushed } = unlucky(await world.copy(), [async () => Promise.reject(lostAnswer('push'))]);

    await world.ledgerOn(repository).append(async () => {
      decisions += 1;
      return start;
    }, signal);

    expect(world.titles()).toEqual(['start']);
    expect(new Set(pushed).size).toBe(1);
    expect({ decisions, pushes: pushed.length }).toEqual({ decisions: 1, pushes: 2 });
  });

  it('is not fooled when the lost push arrives just before the second', async () => {
    const world = createWorld();
    const copy = await world.copy();
    const { repository } = unlucky(copy, [
      async () => Promise.reject(lostAnswer('push')),
      async (...args) => {
        await copy.push(...args); // The first, late.
        return copy.push(...args);
      },
    ]);

    await world.ledgerOn(repository).append(async () => start, signal);

    expect(world.titles()).toEqual(['start']);
  });

  it('decides again when somebody else moved instead', async () => {
    const world = createWorld();
    const [copy, other] = [await world.copy(), await world.ledger()];
    const { repository } = unlucky(copy, [
      async () => {
        await other.append(async () => start, signal);
        throw lostAnswer('push');
      },
    ]);

    await world
      .ledgerOn(repository)
      .append(async (view) => ((await view.run(RUN)) ? undefined : { ...start, title: 'ours' }), signal);

    expect(world.titles()).toEqual(['start']);
  });

  it('does not take the same step of somebody else, in the same second, for its own', async () => {
    const world = createWorld();
    const [copy, other] = [await world.copy(), await world.ledger()];
    let decisions = 0;
    const { repository } = unlucky(copy, [
      async () => {
        await other.append(async () => start, signal);
        throw lostAnswer('push');
      },
    ]);

    await world.ledgerOn(repository).append(async (view) => {
      decisions += 1;
      return (await view.run(RUN)) ? undefined : start;
    }, signal);

    expect(decisions).toBe(2);
  });

  it('keeps looking while the remote cannot be looked at either', async () => {
    const world = createWorld();
    const copy = await world.copy();
    const { repository, pushed } = unlucky(copy, [
      async (...args) => {
        await copy.push(...args);
        throw lostAnswer('push');
      },
    ]);
    let looks = 0;
    const fetch: RemoteRepository['fetch'] = async (...args) => {
      looks += 1;
      if (looks === 2 || looks === 3) throw lostAnswer('look');
      return copy.fetch(...args);
    };

    await world.ledgerOn({ ...repository, fetch }).append(async () => start, signal);

    expect(world.titles()).toEqual(['start']);
    expect({ looks, pushes: pushed.length }).toEqual({ looks: 4, pushes: 1 });
  });

  it('hands the push’s error on when the remote stays silent', async () => {
    const world = createWorld();
    const never = () => Promise.reject(lostAnswer('push'));
    const { repository, pushed } = unlucky(await world.copy(), Array(99).fill(never));

    const appending = world.ledgerOn(repository).append(async () => start, signal);

    await expect(appending).rejects.toMatchObject({
      code: 'GIT_REMOTE_FAILED',
      disposition: 'retry-later',
      details: { operation: 'push' },
    });
    expect(pushed).toHaveLength(4);
  });

  it('hands the push’s error on when the remote cannot be looked at any more', async () => {
    const world = createWorld();
    const copy = await world.copy();
    const { repository } = unlucky(copy, [async () => Promise.reject(lostAnswer('push'))]);
    let looks = 0;
    const fetch: RemoteRepository['fetch'] = async (...args) => {
      looks += 1;
      if (looks > 1) throw lostAnswer('look');
      return copy.fetch(...args);
    };

    const appending = world.ledgerOn({ ...repository, fetch }).append(async () => start, signal);

    await expect(appending).rejects.toMatchObject({ details: { operation: 'push' } });
    expect(looks).toBe(4);
  });

  it('hands a refusal on at once, after one look', async () => {
    const world = createWorld();
    const { repository, pushed } = unlucky(await world.copy(), [
      async () => Promise.reject(lostAnswer('push', 'rejected')),
    ]);

    const appending = world.ledgerOn(repository).append(async () => start, signal);

    await expect(appending).rejects.toMatchObject({ details: { problem: 'rejected' } });
    expect(pushed).toHaveLength(1);
  });

  it('hands on that it could not even look, before anything was pushed', async () => {
    const world = createWorld();
    const copy = await world.copy();
    let decisions = 0;
    const ledger = world.ledgerOn({ ...copy, fetch: async () => Promise.reject(lostAnswer('look')) });

    const appending = ledger.append(async () => {
      decisions += 1;
      return start;
    }, signal);

    await expect(appending).rejects.toMatchObject({ code: 'GIT_REMOTE_FAILED', details: { operation: 'look' } });
    expect(decisions).toBe(0);
  });

  it('finds its step after a real server did everything and hung up, and git sent it all again', async () => {
    const world = createWorld();
    const server = await serveSmartHttp(world.folder, 'token');
    const pushes = () => server.requests.filter((request) => request === 'POST /fleet.git/git-receive-pack').length;
    server.fault = (request) =>
      request === 'POST /fleet.git/git-receive-pack' && pushes() === 1 ? { kind: 'hang-up-after' } : undefined;
    const copy = await world.copy({ url: `${server.url}/fleet.git`, token: 'token' });
    let decisions = 0;

    const view = await world.ledgerOn(copy).append(async () => {
      decisions += 1;
      return start;
    }, signal);

    expect(world.titles()).toEqual(['start']);
    expect({ tip: view.tip, decisions }).toEqual({ tip: world.tip(), decisions: 1 });
  });
});
