import type { Forge } from '../forge/forge.ts';
import type { RemoteRepository } from '../git/repository.ts';
import type { Owner } from '../ledger/events.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Clock } from '../schemas/clock.ts';
import type { Settings } from '../schemas/fleet.ts';
import type { Log } from '../schemas/log.ts';
import type { SwitchDeps } from '../workflows/open-switch.ts';
import type { Reach } from './shards.ts';

/** Everything a pass needs, made in one place and handed down. */
export interface ReconcilerDeps {
  /** The fleet's repository: its branch, its pull requests, and the ledger. */
  readonly repository: RemoteRepository;
  readonly forge: Forge;
  readonly ledger: Ledger;
  readonly switches: SwitchDeps;
  readonly clock: Clock;
  readonly log: Log;
  /** Of the commits we write. */
  readonly author: { readonly name: string; readonly email: string };
  /** Who we are on leases. */
  readonly owner: Owner;
  /** Of the fleet branch's tip when the pass began. */
  readonly settings: Settings;
  /** The last net: known secret values are taken out of every text that leaves. */
  readonly redact: (text: string) => string;
  /** Whose switches can be spoken to from here. */
  readonly reach: Reach;
  /** Told at every border, for a terminal. */
  readonly onProgress?: (line: string) => void;
}

/** Full ref of the branch that says what switches should be. */
export function fleetRef(settings: Settings): string {
  return `refs/heads/${settings.branch ?? 'main'}`;
}

export function ledgerBranch(settings: Pick<Settings, 'ledger'>): string {
  return settings.ledger?.branch ?? 'pointsman/ledger';
}
