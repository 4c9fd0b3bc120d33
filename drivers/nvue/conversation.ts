import type { Clock } from '../../schemas/clock.ts';
import type { Tree } from '../../schemas/json.ts';
import type { Log } from '../../schemas/log.ts';
import type { NvueHttp } from './http.ts';
import type { Redactor } from './redact.ts';

/** What the steps of one session share. */
export interface Conversation {
  readonly device: string;
  readonly http: NvueHttp;
  readonly redactor: Redactor;
  readonly clock: Clock;
  readonly log: Log;
  readonly pollMilliseconds: number;
  /** What this session staged, by candidate: what the switch refuses is looked up in it, and whether it still changes the same. */
  readonly staged: Map<string, StagedEvidence>;
}

interface StagedEvidence {
  readonly sent: Tree;
  /** {@link sha256OfJson} of the switch's own account, both directions. */
  readonly diffDigest: string;
  /** Nothing but what means the same (an implied `type`) would be written. */
  readonly changesNothing: boolean;
}
