import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SignIn } from '../forge/sign-in.ts';
import { UsageError } from './errors.ts';
import type { Io } from './io.ts';

const APP_ID = 'POINTSMAN_APP_ID';
const KEY = 'POINTSMAN_APP_PRIVATE_KEY';
const KEY_FILE = 'POINTSMAN_APP_PRIVATE_KEY_FILE';
const INSTALLATION = 'POINTSMAN_APP_INSTALLATION_ID';
const OUR_TOKEN = 'POINTSMAN_GITHUB_TOKEN';
const TOKEN = 'GITHUB_TOKEN';

/**
 * How we sign in: as an App where its variables are set, else with POINTSMAN_GITHUB_TOKEN, else with GITHUB_TOKEN. The last
 * is set on many machines without anybody meaning us by it, so an App goes before it without a word. A variable that is empty
 * is not set: that is what GitHub Actions makes of a secret that does not exist.
 *
 * @throws {UsageError} Nothing is set, half of it, or two ways at once.
 */
export function readSignIn({ environment, cwd }: Pick<Io, 'environment' | 'cwd'>): SignIn {
  const set = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const ofApp = [APP_ID, KEY, KEY_FILE, INSTALLATION].filter((name) => set(name));
  if (ofApp.length === 0) {
    const token = set(OUR_TOKEN) ?? set(TOKEN);
    if (token) return { kind: 'token', token };
    throw new UsageError({
      problem: `${TOKEN} is not set, and neither is a GitHub App`,
      next: `Set ${APP_ID} and ${KEY} (or ${KEY_FILE}) for a GitHub App, or ${TOKEN} (or ${OUR_TOKEN}) for a token.`,
    });
  }

  if (set(OUR_TOKEN)) {
    throw new UsageError({
      problem: `both ${ofApp[0]} and ${OUR_TOKEN} are set`,
      next: 'Keep the one you want to sign in with.',
    });
  }
  if (set(KEY) && set(KEY_FILE)) {
    throw new UsageError({ problem: `both ${KEY} and ${KEY_FILE} are set`, next: 'Keep one of them.' });
  }
  const appId = set(APP_ID);
  const key = set(KEY) ?? readKeyFile(set(KEY_FILE), cwd);
  if (!appId || !key) {
    const missing = [...(appId ? [] : [APP_ID]), ...(key ? [] : [`${KEY} (or ${KEY_FILE})`])].join(' and ');
    throw new UsageError({
      problem: `${ofApp.join(' and ')} ${ofApp.length === 1 ? 'is' : 'are'} set, and ${missing} missing`,
      next: `Set ${missing} too, or none of them to sign in with a token.`,
    });
  }
  if (!/^[A-Za-z0-9.]+$/.test(appId)) {
    throw new UsageError({
      problem: `${APP_ID} is neither a number nor a client id`,
      next: 'Take it from the settings of the App at GitHub, under About.',
    });
  }
  return {
    kind: 'app',
    appId,
    // Variables of one line hold it with \n written out.
    privateKey: key.replaceAll('\\n', '\n'),
    ...installationIn(set(INSTALLATION)),
  };
}

function readKeyFile(file: string | undefined, cwd: string): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(resolve(cwd, file), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError({
      problem: `${KEY_FILE} names ${file}, which cannot be read (${code ?? 'unknown'})`,
      next: 'Give the path of the .pem file as GitHub made it, readable to the account Pointsman runs as.',
    });
  }
}

function installationIn(text: string | undefined): { readonly installationId?: number } {
  if (text === undefined) return {};
  const installationId = Number(text);
  if (Number.isSafeInteger(installationId) && installationId > 0) return { installationId };
  throw new UsageError({
    problem: `${INSTALLATION} is not a number`,
    next: 'Take it from the address of the installation at GitHub (…/settings/installations/<number>), or leave it out: it is found by the repository.',
  });
}
