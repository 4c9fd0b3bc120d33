import { readFile } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { Settings } from '../schemas/fleet.ts';
import type { SecretStore } from '../schemas/secret.ts';
import { SecretNotFoundError } from './errors.ts';

export interface RememberingSecretStore extends SecretStore {
  /** Every value handed out so far: what must not leave in any text. */
  known(): readonly string[];
}

type Source = Settings['secrets']['sources'][number];

/**
 * Asks the sources of pointsman.yaml in their order. Values are read once per process and stay in memory.
 *
 * @param environment Variables of the process.
 */
export function createSecretStore(
  sources: readonly Source[],
  environment: Readonly<Record<string, string | undefined>>,
): RememberingSecretStore {
  const values = new Map<string, Promise<string>>();
  const known = new Set<string>();

  async function ask(name: string): Promise<string> {
    for (const source of sources) {
      const value =
        source.kind === 'environment' ? environment[variableFor(source.prefix, name)] : await fileOf(source.path, name);
      if (value !== undefined && value !== '') {
        known.add(value);
        return value;
      }
    }
    throw new SecretNotFoundError({ name, asked: sources.map((source) => whereIn(source, name)) });
  }

  return {
    read(name) {
      const asked = values.get(name) ?? ask(name);
      values.set(name, asked);
      return asked;
    },
    known: () => [...known],
  };
}

const DEFAULT_PREFIX = 'POINTSMAN_SECRET_';

function variableFor(prefix: string | undefined, name: string): string {
  return `${prefix ?? DEFAULT_PREFIX}${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}

async function fileOf(folder: string, name: string): Promise<string | undefined> {
  const file = resolve(join(folder, name));
  if (!file.startsWith(`${resolve(folder)}${sep}`)) return undefined;
  try {
    // Mounted secrets usually end in a newline that is not part of them.
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw error;
  }
}

function whereIn(source: Source, name: string): string {
  return source.kind === 'environment'
    ? `variable ${variableFor(source.prefix, name)}`
    : `file ${join(source.path, name)}`;
}
