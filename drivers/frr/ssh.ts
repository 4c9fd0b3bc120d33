import { createHash } from 'node:crypto';
import { Client, type ClientChannel, type ConnectConfig, type ServerHostKeyAlgorithm } from 'ssh2';
import type { Login, Target } from '../driver.ts';
import {
  AuthenticationError,
  IdentityMismatchError,
  IdentityNotConfiguredError,
  LoginUnsuitableError,
  UnreachableError,
} from '../errors.ts';
import { MAX_REPLY_BYTES, TIMEOUTS_MS } from './facts.ts';

/** What a command gave. A command that was killed or whose connection ended gives none: that is an error. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface Ssh {
  /**
   * Runs one command without a terminal, on a connection that is made anew when the last one has ended.
   *
   * @param command Words of ours only: nothing from a configuration is ever part of one.
   * @throws {UnreachableError} No connection, or it ended before the command did, or nothing came in time.
   */
  run(command: string, given: RunInput, signal: AbortSignal): Promise<CommandResult>;
  /** `sha256:<64 hex>` of the host key shown on the last connection. */
  pin(): string;
  /** Whom the last connection was accepted as. */
  username(): string;
  close(): Promise<void>;
}

export interface RunInput {
  readonly stdin?: Buffer;
  readonly timeoutMs: number;
  /** Whether it changes the switch: then a lost answer says that it may have. */
  readonly changes: boolean;
}

/** Kinds of host keys, the one servers are asked for first as the first. */
const KEY_KINDS: readonly (readonly ServerHostKeyAlgorithm[])[] = [
  ['ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256'],
];

/**
 * Connects and logs in. The host key is verified before any login is offered; of a switch that has several, the one that is
 * pinned is asked for.
 *
 * @throws {IdentityNotConfiguredError} Nothing says which host key to expect; nothing was sent.
 */
export async function openSsh(target: Target, signal: AbortSignal): Promise<Ssh> {
  const { device } = target;
  const expected = new Set((target.hostKeys ?? []).map((key) => key.toLowerCase()));
  if (expected.size === 0) throw new IdentityNotConfiguredError({ device, what: 'host key' });
  const unsuitable = target.logins.find(({ password, privateKey }) => (password ?? privateKey) === undefined);
  if (unsuitable) {
    throw new LoginUnsuitableError({ device, username: unsuitable.username, needs: 'a password or a private key' });
  }

  let connection: Connection | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let closed = false;
  connection = await connect(target, expected, signal);

  const run: Ssh['run'] = async (command, given, signalled) => {
    signalled.throwIfAborted();
    if (closed) throw unreachable(target, command, 'the session is closed', false);
    if (!connection?.alive()) connection = await connect(target, expected, signalled);
    return execute(target, connection, command, given, signalled);
  };
  return {
    run(command, given, signalled) {
      // One after the other: a server lets only a few commands run on one connection.
      const mine = turn.then(() => run(command, given, signalled));
      turn = mine.catch(() => undefined);
      return mine;
    },
    pin: () => connection?.pin ?? '',
    username: () => connection?.username ?? '',
    async close() {
      closed = true;
      connection?.end();
    },
  };
}

interface Connection {
  readonly client: Client;
  readonly pin: string;
  readonly username: string;
  alive(): boolean;
  end(): void;
}

async function connect(target: Target, expected: ReadonlySet<string>, signal: AbortSignal): Promise<Connection> {
  for (const login of target.logins) {
    const connection = await connectAs(target, expected, login, signal);
    if (connection !== 'refused') return connection;
  }
  throw new AuthenticationError({
    device: target.device,
    usernames: [...new Set(target.logins.map(({ username }) => username))],
  });
}

/** One login. Where another host key than a pinned one is shown, the switch may have the pinned one too: it is asked for. */
async function connectAs(
  target: Target,
  expected: ReadonlySet<string>,
  login: Login,
  signal: AbortSignal,
): Promise<Connection | 'refused'> {
  try {
    return await handshake(target, expected, login, undefined, signal);
  } catch (error) {
    if (!(error instanceof IdentityMismatchError)) throw error;
    for (const kind of KEY_KINDS) {
      const found = await handshake(target, expected, login, kind, signal).catch(() => undefined);
      if (found !== undefined) return found;
    }
    throw error;
  }
}

function handshake(
  target: Target,
  expected: ReadonlySet<string>,
  login: Login,
  kind: readonly ServerHostKeyAlgorithm[] | undefined,
  signal: AbortSignal,
): Promise<Connection | 'refused'> {
  signal.throwIfAborted();
  const { device, host, port } = target;
  const client = new Client();
  let alive = false;
  let shown = '';
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      signal.removeEventListener('abort', abort);
      settle();
    };
    const fail = (error: unknown): void => {
      end(() => reject(error));
      client.destroy();
    };
    const abort = (): void => fail(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    client.on('ready', () => {
      alive = true;
      end(() => resolve({ client, pin: shown, username: login.username, alive: () => alive, end: () => client.end() }));
    });
    client.on('close', () => {
      alive = false;
      fail(unreachable(target, 'the SSH handshake', 'the connection was closed', false));
    });
    client.on('error', (error: Error & { readonly level?: string; readonly code?: string }) => {
      alive = false;
      if (shown !== '' && !expected.has(shown)) {
        const expectedPins = [...expected];
        fail(new IdentityMismatchError({ device, host, port, expectedPins, foundPin: shown, what: 'host key' }));
      } else if (error.level === 'client-authentication') {
        end(() => resolve('refused'));
        client.destroy();
      } else fail(unreachable(target, 'the SSH handshake', error.code ?? error.message, false));
    });
    client.on('keyboard-interactive', (_name, _instructions, _language, prompts, answer) => {
      // Only ever asked for what we have: more than one question is not about a password.
      answer(prompts.length === 1 ? [login.password ?? ''] : []);
    });
    try {
      client.connect({
        host,
        port,
        username: login.username,
        readyTimeout: TIMEOUTS_MS.connect,
        keepaliveInterval: 10_000,
        keepaliveCountMax: 3,
        hostVerifier: (key: Buffer) => {
          shown = `sha256:${createHash('sha256').update(key).digest('hex')}`;
          return expected.has(shown);
        },
        ...(kind === undefined ? {} : { algorithms: { serverHostKey: [...kind] } }),
        ...proofOf(login),
      });
      // Each of our requests is several small packets, and the later ones would wait for word of the first: 80 ms a request.
      client.setNoDelay(true);
    } catch {
      // The words of the library may hold parts of the key.
      fail(new LoginUnsuitableError({ device, username: login.username, needs: 'a private key that can be read' }));
    }
  });
}

function proofOf({ password, privateKey }: Login): Partial<ConnectConfig> {
  if (privateKey !== undefined) {
    return { privateKey, authHandler: ['publickey'] };
  }
  return { ...(password === undefined ? {} : { password }), tryKeyboard: true };
}

function execute(
  target: Target,
  connection: Connection,
  command: string,
  { stdin, timeoutMs, changes }: RunInput,
  signal: AbortSignal,
): Promise<CommandResult> {
  const { client } = connection;
  return new Promise((resolve, reject) => {
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let size = 0;
    let code: number | null = null;
    let channel: ClientChannel | undefined;

    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      client.off('close', lost);
      settle();
    };
    const fail = (error: unknown, destroy: boolean): void => {
      end(() => reject(error));
      if (destroy) client.destroy();
      else channel?.destroy();
    };
    const lose = (reason: string): void => fail(unreachable(target, command, reason, changes), true);
    const lost = (): void => lose('the connection ended');
    const abort = (): void => fail(signal.reason, false);
    const timer = setTimeout(() => lose(`nothing came within ${timeoutMs / 1000} s`), timeoutMs);
    signal.addEventListener('abort', abort, { once: true });
    client.once('close', lost);

    client.exec(command, (error, stream) => {
      if (error) return lose(error.message);
      channel = stream;
      const take = (into: Buffer[]) => (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_REPLY_BYTES) lose(`more than ${MAX_REPLY_BYTES} bytes came`);
        else into.push(chunk);
      };
      stream.on('data', take(out));
      stream.stderr.on('data', take(err));
      stream.on('exit', (given: number | null) => {
        code = given;
      });
      stream.on('error', (cause: Error) => lose(cause.message));
      stream.on('close', () => {
        const done = code;
        if (done === null) return lose('the command was cut off');
        end(() => resolve({ code: done, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString('utf8') }));
      });
      stream.end(stdin);
    });
  });
}

function unreachable(target: Target, request: string, reason: string, mayHaveActed: boolean): UnreachableError {
  const { device, host, port } = target;
  return new UnreachableError({ device, host, port, request, reason, mayHaveActed });
}
