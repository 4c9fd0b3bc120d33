import type { KeyObject } from 'node:crypto';
import pLimit from 'p-limit';
import type { Clock } from '../schemas/clock.ts';
import type { Log } from '../schemas/log.ts';
import type { Answer } from './answer.ts';
import { makeAppJwt, readAppKey } from './app-jwt.ts';
import { decidePermissions } from './app-permissions.ts';
import {
  ForgeAppNotInstalledError,
  ForgePermissionMissingError,
  ForgeRefusedError,
  ForgeSignInRefusedError,
} from './errors.ts';
import { createGithubClient, type GithubClient } from './github-client.ts';
import { fixedToken, type TokenPurpose, type TokenSource } from './token-source.ts';

/** Who we are at GitHub. */
export type SignIn =
  /** Of a person (classic or fine-grained), or `GITHUB_TOKEN` of a GitHub Actions job. */
  | { readonly kind: 'token'; readonly token: string }
  | {
      readonly kind: 'app';
      /** Number or client id. */
      readonly appId: string;
      /** PEM, with real newlines. */
      readonly privateKey: string;
      /** Found by the repository unless set. */
      readonly installationId?: number;
    };

export interface TokenSourceDeps {
  readonly signIn: SignIn;
  /** Root of the REST API. */
  readonly api: string;
  /** `owner/name`: the only one that tokens of the App are good for. */
  readonly repository: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Milliseconds a single answer may take. 30 seconds unless set. */
  readonly answerWithinMilliseconds?: number;
}

/** A token that ends sooner is not handed out any more: whoever gets it has to come to an end with it. Tokens live an hour. */
const LEAST_LEFT_MS = 5 * 60_000;
/** GitHub needs a moment until a new token is known everywhere; until then a 401 says nothing about it. */
const YOUNG_MS = 10_000;
/** A token that ended is of no use to anybody; some time more, for clocks that do not agree. */
const KNOWN_AFTER_END_MS = 24 * 3_600_000;
const INSTALLATION_GOOD_FOR_MS = 60_000;

interface Issued {
  readonly token: string;
  readonly purpose: TokenPurpose;
  readonly at: number;
  readonly endsAt: number;
}

interface Installation {
  readonly id: number;
  readonly permissions: Readonly<Record<string, string>>;
  readonly url: string;
  readonly readAt: number;
}

/**
 * Tokens for the way we sign in. Those of an App are made when they are needed, each for one purpose and this repository
 * alone, and anew before they end.
 *
 * @throws {ForgeKeyUnusableError} At once; everything else when a token is asked for.
 */
export function createTokenSource(deps: TokenSourceDeps): TokenSource {
  return deps.signIn.kind === 'token' ? fixedToken(deps.signIn.token) : createAppTokens(deps, deps.signIn);
}

function createAppTokens(deps: TokenSourceDeps, app: Extract<SignIn, { kind: 'app' }>): TokenSource {
  const { clock, log } = deps;
  const key = readAppKey(app.privateKey);
  const asApp = createGithubClient({ ...deps, tokens: appItself(app.appId, key, clock) });
  const alone = pLimit(1);
  const usable = new Map<TokenPurpose, Issued>();
  let issued: readonly Issued[] = [];
  let installation: Installation | undefined;

  function atHand(purpose: TokenPurpose): Issued | undefined {
    const found = usable.get(purpose);
    return found && found.endsAt - clock.now() > LEAST_LEFT_MS ? found : undefined;
  }

  async function issue(purpose: TokenPurpose, signal: AbortSignal): Promise<Issued> {
    if (!installation || clock.now() - installation.readAt > INSTALLATION_GOOD_FOR_MS) {
      installation = await findInstallation(asApp, deps, app, signal);
    }
    const { id, permissions, url } = installation;
    const { wanted, missing } = decidePermissions(purpose, permissions);
    if (missing.length > 0) {
      installation = undefined; // Whoever grants it should not have to wait for us to look again.
      throw new ForgePermissionMissingError({ purpose, missing, url });
    }
    const order = { installation_id: id, repositories: [deps.repository.split('/')[1]], permissions: wanted };
    // Made twice there are two; neither does harm, and both end within the hour.
    const route = 'POST /app/installations/{installation_id}/access_tokens';
    const answer = await explained(deps, app, url, () => asApp.write(route, order, signal, true));
    log.info({ purpose, permissions: wanted }, 'github app token made');
    return {
      token: answer.at('token').text(),
      purpose,
      at: clock.now(),
      endsAt: answer.at('expires_at').time(),
    };
  }

  return {
    async token(purpose, signal) {
      const ready = atHand(purpose);
      if (ready) return ready.token;
      return alone(async () => {
        const meanwhile = atHand(purpose);
        if (meanwhile) return meanwhile.token;
        const made = await issue(purpose, signal);
        usable.set(purpose, made);
        issued = [...issued.filter(({ endsAt }) => endsAt + KNOWN_AFTER_END_MS > clock.now()), made];
        return made.token;
      });
    },

    refused(token) {
      const found = [...usable.values()].find((candidate) => candidate.token === token);
      if (found && clock.now() - found.at >= YOUNG_MS) usable.delete(found.purpose);
      return true;
    },

    known: () => [app.privateKey, ...issued.map(({ token }) => token)],
  };
}

/** The App before it acts for anybody: a token that it signs itself. */
export function appItself(appId: string, key: KeyObject, clock: Clock): TokenSource {
  let last = '';
  return {
    token: async () => {
      last = makeAppJwt(appId, key, clock.now());
      return last;
    },
    refused: () => false,
    known: () => (last === '' ? [] : [last]),
  };
}

async function findInstallation(
  asApp: GithubClient,
  deps: TokenSourceDeps,
  app: Extract<SignIn, { kind: 'app' }>,
  signal: AbortSignal,
): Promise<Installation> {
  const [owner = '', repo = ''] = deps.repository.split('/');
  const found = await explained(deps, app, undefined, () =>
    app.installationId === undefined
      ? asApp.read('GET /repos/{owner}/{repo}/installation', { owner, repo }, signal)
      : asApp.read('GET /app/installations/{installation_id}', { installation_id: app.installationId }, signal),
  );
  const url = found.at('html_url').text();
  if (found.at('suspended_at').present) {
    const { appId } = app;
    throw new ForgeAppNotInstalledError({ appId, repository: deps.repository, problem: 'suspended', url });
  }
  return {
    id: found.at('id').number(),
    permissions: permissionsIn(found.at('permissions')),
    url,
    readAt: deps.clock.now(),
  };
}

function permissionsIn(answer: Answer): Readonly<Record<string, string>> {
  return Object.fromEntries(answer.keys().map((name) => [name, answer.at(name).text()]));
}

/** What GitHub's refusal means for the way we sign in. */
async function explained(
  { repository, clock }: TokenSourceDeps,
  { appId }: Extract<SignIn, { kind: 'app' }>,
  url: string | undefined,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ForgeRefusedError)) throw error;
    const { status, reason, answeredAt } = error.details;
    if (status === 401 || UNKNOWN_APP.test(reason)) {
      const ahead =
        answeredAt === undefined ? {} : { clockAheadSeconds: Math.round((clock.now() - answeredAt) / 1000) };
      throw new ForgeSignInRefusedError({ appId, reason, likely: CLAIM.test(reason) ? 'clock' : 'key', ...ahead });
    }
    // 422 speaks of the repository as well when the installation does not include it.
    if (status === 404 || (status === 422 && /repository/i.test(reason))) {
      throw new ForgeAppNotInstalledError({ appId, repository, problem: 'not-installed', ...(url ? { url } : {}) });
    }
    throw error;
  }
}

/** GitHub's words, with 404, when no App has this id. */
const UNKNOWN_APP = /^integration not found/i;
/** And when a time in what we signed is not one it believes: `'Issued at' claim ('iat') must be …`. */
const CLAIM = /\('(?:iat|exp)'\)/;
