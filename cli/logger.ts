import { pino } from 'pino';
import type { Log } from '../schemas/log.ts';

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * JSON lines, to standard error, so that standard output stays what was asked for.
 *
 * @param redact Known secret values are taken out of every line: a net, not the plan; secrets are not logged in the first place.
 */
export function createLogger(level: LogLevel, redact: (text: string) => string, write: (line: string) => void): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return pino(options, { write: (line: string) => write(redact(line)) });
}
