import { parseMoment } from '../../calendar/moment.ts';
import type { Request } from '../../schemas/fleet.ts';

/** When a request may begin, milliseconds since the epoch. A fleet in which it is no moment is not valid. */
export function notBeforeOf({
  not_before: text,
  time_zone: zone = 'UTC',
}: Pick<Request, 'not_before' | 'time_zone'>): number | undefined {
  const parsed = text === undefined ? undefined : parseMoment(text, zone);
  return parsed?.kind === 'moment' ? parsed.at : undefined;
}
