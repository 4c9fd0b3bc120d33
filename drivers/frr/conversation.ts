import type { Clock } from '../../schemas/clock.ts';
import type { Log } from '../../schemas/log.ts';
import type { Redactor } from '../nvue/redact.ts';
import type { Ssh } from './ssh.ts';

/** What the steps of one session share. */
export interface Conversation {
  readonly device: string;
  readonly ssh: Ssh;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly log: Log;
  readonly pollMilliseconds: number;
}
