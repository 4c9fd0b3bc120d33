import type { Clock } from '../schemas/clock.ts';
import type { Log } from '../schemas/log.ts';
import type { Answer } from './answer.ts';
import { readAppKey } from './app-jwt.ts';
import { ForgeRefusedError } from './errors.ts';
import { createGithubClient, type GithubClient } from './github-client.ts';
import type { RepositoryName } from './github-words.ts';
import type { TokenFacts } from './inspector.ts';
import { appItself, type SignIn } from './sign-in.ts';

type App = Pick<TokenFacts, 'app'>;

/** What our own App was given on the repository, asked as the App itself. */
export async function readInstallation(
  { api, log, clock }: { readonly api: string; readonly log: Log; readonly clock: Clock },
  { appId, privateKey }: Extract<SignIn, { kind: 'app' }>,
  repository: RepositoryName,
  signal: AbortSignal,
): Promise<App> {
  const client = createGithubClient({ api, log, clock, tokens: appItself(appId, readAppKey(privateKey), clock) });
  const found = await client.read('GET /repos/{owner}/{repo}/installation', { ...repository }, signal);
  return { app: { id: found.at('app_id').number(), permissions: permissionsIn(found.at('permissions')) } };
}

/** What the App behind a token asks for; nothing where its page is not shown to us, as that of a private App. */
export async function readAppPage(client: GithubClient, login: string, signal: AbortSignal): Promise<App> {
  try {
    const slug = login.replace(/\[bot\]$/, '');
    const app = await client.read('GET /apps/{app_slug}', { app_slug: slug }, signal);
    return { app: { id: app.at('id').number(), permissions: permissionsIn(app.at('permissions')) } };
  } catch (error) {
    if (error instanceof ForgeRefusedError) return {};
    throw error;
  }
}

function permissionsIn(answer: Answer): Readonly<Record<string, string>> {
  return Object.fromEntries(answer.keys().map((name) => [name, answer.at(name).text()]));
}
