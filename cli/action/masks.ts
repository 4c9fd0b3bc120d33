/** Shorter ones would blacken every log: a PEM frame has lines of a few dashes. */
const SHORTEST_LINE = 8;

/**
 * What the runner is asked to hide for a secret: all of it, and each line of it, because that is how a log shows it.
 * In the order they are to be told.
 */
export function masksFor(secrets: readonly string[]): readonly string[] {
  const whole = secrets.filter((secret) => secret !== '');
  const lines = whole.flatMap((secret) => {
    const parts = secret.split(/\r?\n|\\n/).map((line) => line.trim());
    return parts.length === 1 ? [] : parts.filter((line) => line.length >= SHORTEST_LINE && !line.startsWith('-----'));
  });
  return [...new Set([...whole, ...lines])];
}
