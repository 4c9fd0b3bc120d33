/**
 * What a token is for: `read` asks, `work` also writes (comments, checks, pull requests), `git` fetches and pushes. Where
 * GitHub lets us, each is another token that may no more than that.
 */
export type TokenPurpose = 'read' | 'work' | 'git';

/** Where tokens come from. Asked before every request, for tokens end while we go on. */
export interface TokenSource {
  token(purpose: TokenPurpose, signal: AbortSignal): Promise<string>;
  /** Told when GitHub did not accept one. @returns Whether it is worth asking again in a moment. */
  refused(token: string): boolean;
  /** Every value that must not be shown: tokens given out so far, and what they are made from. */
  known(): readonly string[];
}

/** One token for everything: of a person, or of a GitHub Actions job. */
export function fixedToken(token: string): TokenSource {
  return { token: async () => token, refused: () => false, known: () => [token] };
}
