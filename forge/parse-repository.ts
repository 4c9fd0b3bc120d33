import { ForgeRequestInvalidError } from './errors.ts';
import type { RepositoryName } from './github-words.ts';

/**
 * @param text `owner/name`
 * @throws {ForgeRequestInvalidError}
 */
export function parseRepository(text: string): RepositoryName {
  const [owner, repo, ...rest] = text.split('/');
  if (owner && repo && rest.length === 0) return { owner, repo };
  throw new ForgeRequestInvalidError({ what: 'the repository', expected: 'owner/name', found: JSON.stringify(text) });
}
