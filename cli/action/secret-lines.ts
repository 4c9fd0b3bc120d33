import { UsageError } from '../errors.ts';

/** Source of the form: pointsman.yaml, `secrets.sources` of kind `environment` without a prefix. */
const PREFIX = 'POINTSMAN_SECRET_';
const NAME = /^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*$/;

/**
 * Many secrets in one of GitHub's: a line each, `site/bgp-password=value`; the value is everything after the first `=`.
 * Empty lines and lines that begin with `#` say nothing.
 *
 * @returns Variables as the secret source `environment` looks them up.
 * @throws {UsageError} A line is none of that. Names its number and never what it says.
 */
export function readSecretLines(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/\r$/, '');
    if (line.trim() === '' || line.startsWith('#')) continue;
    const at = line.indexOf('=');
    const name = line.slice(0, at);
    if (at < 1 || !NAME.test(name) || at === line.length - 1) {
      throw new UsageError({
        problem: `line ${index + 1} of the input secrets is not <name>=<value>`,
        next: 'Write one secret a line, by the name that the fleet uses: site/bgp-password=…',
      });
    }
    const variable = `${PREFIX}${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
    if (found.has(variable)) {
      throw new UsageError({
        problem: `line ${index + 1} of the input secrets names a secret a second time`,
        next: 'Keep one of them. Names are compared without case, and with every other sign as _.',
      });
    }
    found.set(variable, line.slice(at + 1));
  }
  return found;
}

/** Every value that must not be read in a log: those lines, and what came in as variables already. */
export function secretsIn(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    name.startsWith(PREFIX) && value !== undefined && value !== '' ? [value] : [],
  );
}
