import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createActions } from './actions.ts';
import { type CommentView, createActor, type GithubActor, type PullView } from './actor.ts';
import type { Grant } from './app-permissions.ts';
import { type AppControl, createAppRegistry } from './app-registry.ts';
import { createAppRoutes } from './app-routes.ts';
import { createControl, type GithubControl } from './control.ts';
import { notFound } from './errors.ts';
import { type ExchangeListener, makeExchange } from './exchange.ts';
import { createFaults, type Fault, type GithubRequest, type RequestMatch } from './faults.ts';
import { createGitServer } from './git-server.ts';
import { createGitStore } from './git-store.ts';
import type { MergeMethod } from './merge-methods.ts';
import type { BodyContext } from './people-bodies.ts';
import type { Protection } from './protection.ts';
import { createRestRoutes } from './rest-routes.ts';
import { createRestServer, type HttpReply } from './rest-server.ts';
import { pullAt } from './rules.ts';
import { type Account, type CheckRun, type CommitStatus, createState, type GithubUser } from './state.ts';
import { webhookBody } from './webhook-bodies.ts';
import { createWebhooks, type Webhooks } from './webhooks.ts';

export interface GithubOptions {
  /** Only `now` is used, for every time GitHub writes down. */
  readonly clock: { now(): number };
  /** `owner/name` */
  readonly repository: string;
  readonly users: readonly GithubUser[];
  /** `org/slug` to logins. */
  readonly teams?: Readonly<Record<string, readonly string[]>>;
  /** Where the bare repository is, or is made. A temporary folder, removed at the end, unless given. */
  readonly gitDir?: string;
  /** As the rule "Dismiss stale pull request approvals when new commits are pushed". */
  readonly dismissStaleReviews?: boolean;
  /** How the merge queue merges; by merge commits unless given. */
  readonly queueMethod?: MergeMethod;
  /** REST requests an hour, 5000 unless given. */
  readonly hourlyLimit?: number;
  /** Items on a page at most, 100 unless given; fewer make long lists cheap to test. */
  readonly largestPage?: number;
}

/** A request that has been answered, or has not yet. */
interface LoggedRequest extends GithubRequest {
  /** Absent while it is under way, and when the connection was dropped. */
  status?: number;
}

/**
 * `received`: nothing was done yet. `performed`: it was done, and the answer has not left. Whatever a listener returns is
 * waited for, so that a test can end the asker in between.
 */
type RequestListener = (event: GithubRequest & { readonly phase: 'received' | 'performed' }) => void | Promise<void>;

/** A GitHub on this machine: REST and Git over real HTTP, and a way to do what people do there. */
export interface EmulatedGithub extends GithubControl, Webhooks {
  /** `http://127.0.0.1:<port>/api/v3` */
  readonly apiUrl: string;
  /** Of the repository, over smart HTTP, without credentials. */
  readonly remoteUrl: string;
  readonly gitDir: string;
  /** @throws {GithubRefusal} Nobody has this login. */
  tokenFor(login: string): string;
  /** GitHub Apps, and tokens that may only some things. */
  readonly apps: AppControl;
  /** @throws {GithubRefusal} Nobody has this login. */
  as(login: string): GithubActor;
  pullRequest(number: number): PullView;
  /** All of them, oldest first. */
  pullRequests(): readonly PullView[];
  /** Of one pull request, oldest first. */
  comments(number: number): readonly CommentView[];
  /** Check runs and commit statuses on a commit, oldest first. */
  checks(commit: string): { readonly runs: readonly Readonly<CheckRun>[]; readonly statuses: readonly CommitStatus[] };
  /** Every request so far, oldest first. */
  requests(): readonly Readonly<LoggedRequest>[];
  /** @returns Stops listening. */
  onRequest(listener: RequestListener): () => void;
  /**
   * Shows every REST request together with what its route answered; what a fault answers is not shown.
   *
   * @returns Stops it.
   */
  onExchange(listener: ExchangeListener): () => void;
  /**
   * Makes the next matching requests go wrong.
   *
   * @param times Once unless given; `Infinity` until lifted.
   * @returns Lifts it.
   */
  inject(match: RequestMatch, fault: Fault, times?: number): () => void;
  /** What an administrator sets, beside what is set already. */
  configure(protection: Partial<Protection>): void;
  close(): Promise<void>;
}

const DEFAULT_BRANCH = 'main';

export async function startGithub(options: GithubOptions): Promise<EmulatedGithub> {
  const now = (): number => options.clock.now();
  const made = options.gitDir ? undefined : await mkdtemp(join(tmpdir(), 'pointsman-github-'));
  const store = await createGitStore(options.gitDir ?? join(made ?? '', 'fleet.git'));
  const state = createState(options.repository, options.users, options.teams ?? {});
  const { dismissStaleReviews = false, queueMethod = 'merge' } = options;
  // Where it listens is known later than what it tells of is made.
  let origin = '';
  const webhooks = createWebhooks((event) => webhookBody(contextAt(origin), store, event));
  const actions = createActions({
    state,
    store,
    now,
    dismissStaleReviews,
    queueMethod,
    defaultBranch: DEFAULT_BRANCH,
    happened: webhooks.happened,
  });
  const alone = createTurns();
  const apps = createAppRegistry(state, now);
  const rest = createRestServer(createRestRoutes({ actions, store, now, defaultBranch: DEFAULT_BRANCH }), {
    apps: createAppRoutes(apps, now),
    now,
    hourlyLimit: options.hourlyLimit ?? 5000,
    largestPage: options.largestPage ?? 100,
  });
  const git = createGitServer({ state, store, actions });
  const faults = createFaults();
  const listeners = new Set<RequestListener>();
  const witnesses = new Set<ExchangeListener>();
  const log: LoggedRequest[] = [];

  function contextAt(html: string): BodyContext {
    return { state, api: `${html}/api/v3`, html };
  }

  function account(login: string): Account {
    const found = state.accounts.get(login.toLowerCase());
    if (!found) throw notFound();
    return found;
  }

  function whoHas(token: string): { readonly by?: Account; readonly grant?: Grant } {
    const holder = apps.holderOf(token);
    if (holder) return { by: holder.account, grant: holder.grant };
    const by = token === '' ? undefined : [...state.accounts.values()].find((account) => account.token === token);
    return by ? { by } : {};
  }

  async function tell(phase: 'received' | 'performed', request: GithubRequest): Promise<void> {
    for (const listener of listeners) await listener({ ...request, phase });
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(incoming);
    const method = incoming.method ?? 'GET';
    const html = `http://${incoming.headers.host ?? '127.0.0.1'}`;
    const url = new URL(incoming.url ?? '/', html);
    const token = tokenIn(incoming.headers.authorization);
    const { by, grant } = whoHas(token);
    const kind = git.serves(url.pathname) ? 'git' : 'rest';
    const path = kind === 'git' ? url.pathname : url.pathname.replace(/^\/api(\/v3)?(?=\/)/, '');
    const writes = kind === 'git' ? git.isPush(method, url.pathname, body) : method !== 'GET' && path !== '/graphql';
    const request = {
      method,
      path: path + url.search,
      kind,
      mutating: writes,
      ...(by ? { user: by.login } : {}),
    } as const;
    const entry: LoggedRequest = { ...request };
    log.push(entry);

    const perform = (): Promise<HttpReply> => {
      const holder = { ...(by ? { by } : {}), ...(grant ? { grant } : {}) };
      const common = { method, url, path, headers: incoming.headers, body, token, ...holder };
      return kind === 'git' ? git.answer(common) : rest.answer({ ...common, context: contextAt(html) });
    };

    await tell('received', request);
    const fault = faults.take(request);
    switch (fault?.kind) {
      case 'drop-before':
        incoming.socket.destroy();
        return;
      case 'status':
      case 'text':
      case 'rate-limit':
      case 'secondary-limit':
        send(response, rest.answerFault(fault), entry);
        return;
      case 'delay':
        await sleep(fault.milliseconds);
    }
    const reply = await (writes ? alone(perform) : perform());
    if (kind === 'rest' && witnesses.size > 0) {
      const exchange = makeExchange({ method, path, url, body }, reply);
      for (const witness of witnesses) witness(exchange);
    }
    await tell('performed', request);
    if (fault?.kind === 'drop-after') incoming.socket.destroy();
    else send(response, reply, entry);
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => {
      // A bug of the emulation has to be seen by whoever asked, as well as by whoever runs it.
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      if (response.headersSent) incoming.socket.destroy();
      else response.writeHead(500, { 'content-type': 'text/plain' }).end(`the emulated GitHub failed: ${text}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const actorDeps = { state, store, actions, now, defaultBranch: DEFAULT_BRANCH, alone };
  const { happened: _, close: endWebhooks, ...webhookControl } = webhooks;

  return {
    ...createControl({ ...actorDeps, account }),
    ...webhookControl,
    apiUrl: `${origin}/api/v3`,
    remoteUrl: `${origin}/${options.repository}.git`,
    gitDir: store.gitDir,
    tokenFor: (login) => account(login).token,
    apps,
    as: (login) => createActor(actorDeps, account(login)),
    pullRequest: (number) => structuredClone(pullAt(state, number)),
    pullRequests: () => structuredClone(state.pulls),
    comments: (number) => structuredClone(state.comments.filter(({ pull }) => pull === number)),
    checks: (commit) => ({
      runs: structuredClone(state.checkRuns.filter((run) => run.commit === commit)),
      statuses: state.statuses.filter((status) => status.commit === commit),
    }),
    requests: () => structuredClone(log),
    onRequest(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onExchange(listener) {
      witnesses.add(listener);
      return () => void witnesses.delete(listener);
    },
    inject: faults.inject,
    configure(protection) {
      state.protection = { ...state.protection, ...protection };
    },
    async close() {
      endWebhooks();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      if (made) await rm(made, { recursive: true, force: true });
    },
  };
}

/** Runs one piece of work after the other, in the order asked. */
function createTurns(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => {}); // Whoever asked hears of it.
    return turn;
  };
}

/** What stands in `token …`, `Bearer …` or Basic with the token as password. */
function tokenIn(authorization: string | undefined): string {
  const [scheme = '', value = ''] = (authorization ?? '').split(' ');
  if (scheme.toLowerCase() !== 'basic') return value;
  return Buffer.from(value, 'base64')
    .toString('utf8')
    .replace(/^[^:]*:/, '');
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, reply: HttpReply, entry: LoggedRequest): void {
  entry.status = reply.status;
  response.writeHead(reply.status, reply.headers).end(reply.body);
}
