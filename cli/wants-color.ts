import type { Io } from './io.ts';

/** Only for a terminal that knows colours, and unless somebody asked for none. Source: no-color.org. */
export function wantsColor(isTerminal: boolean, environment: Io['environment']): boolean {
  return isTerminal && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
}
