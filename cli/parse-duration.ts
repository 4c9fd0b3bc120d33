import { UsageError } from './errors.ts';

const MILLISECONDS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const LONGEST_MS = 24 * MILLISECONDS.h;

/**
 * @param text A whole number with its unit: `500ms`, `30s`, `5m`, `1h`; at most a day.
 * @param option Where it came from, for example `--jitter`.
 * @returns Milliseconds.
 * @throws {UsageError}
 */
export function parseDuration(text: string, option: string): number {
  const [, digits, unit] = /^(\d{1,8})(ms|s|m|h)$/.exec(text) ?? [];
  const milliseconds = Number(digits) * MILLISECONDS[unit as keyof typeof MILLISECONDS];
  if (milliseconds <= LONGEST_MS) return milliseconds;
  throw new UsageError({
    problem: `${option} is ${JSON.stringify(text)}`,
    next: 'Give a whole number with its unit, at most a day: 500ms, 30s, 5m or 1h.',
  });
}
