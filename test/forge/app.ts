import { generateKeyPairSync } from 'node:crypto';
import { createGithubForge } from '../../forge/create-github-forge.ts';
import type { Forge } from '../../forge/forge.ts';
import { createTokenSource, type SignIn } from '../../forge/sign-in.ts';
import type { TokenSource } from '../../forge/token-source.ts';
import type { InstalledApp } from '../../sandbox/github/app-registry.ts';
import { APP, type Harness, startHarness } from './harness.ts';

/** Made once a process: a key takes longer than a test. */
export const privateKey = makeKey('pkcs1');

export function makeKey(type: 'pkcs1' | 'pkcs8'): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type, format: 'pem' }).toString();
}

export interface AppHarness extends Harness {
  readonly pull: number;
  readonly app: InstalledApp;
  readonly tokens: TokenSource;
  readonly forge: Forge;
  /** What tokens were ordered for, in order. */
  readonly orders: readonly { readonly repositories?: unknown; readonly permissions?: unknown }[];
  /** Another source beside `tokens`. */
  sourceFor(signIn?: Partial<Extract<SignIn, { kind: 'app' }>>): TokenSource;
}

/** The harness, with Pointsman signed in as an App. */
export async function startAppHarness(permissions?: Readonly<Record<string, string>>): Promise<AppHarness> {
  const harness = await startHarness();
  const { github, clock, log } = harness;
  const app = github.apps.install(APP, { privateKey, ...(permissions ? { permissions } : {}) });
  const orders: object[] = [];
  github.onExchange(({ path, input }) => {
    if (path.endsWith('/access_tokens')) orders.push(input as object);
  });
  const common = { api: github.apiUrl, repository: 'acme/fleet', log, clock };
  const sourceFor: AppHarness['sourceFor'] = (more = {}) =>
    createTokenSource({ ...common, signIn: { kind: 'app', appId: String(app.appId), privateKey, ...more } });
  const tokens = sourceFor();
  return { ...harness, app, tokens, orders, sourceFor, forge: createGithubForge({ ...common, token: tokens }) };
}
