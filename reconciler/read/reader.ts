import type { Fleet, FleetDevice } from '../../desired-state/fleet.ts';
import type { DeviceOutcome } from '../../ledger/events.ts';
import type { LedgerStep, LedgerView } from '../../ledger/ledger.ts';
import type { Run } from '../../ledger/run.ts';
import type { ErrorDocument } from '../../schemas/errors.ts';
import type { ReconcilerDeps } from '../deps.ts';
import type { TipRules } from '../tip-rules.ts';
import type { ReadWork } from '../work.ts';

/** A run that only reads, where it stands, and the switches it is about. */
export interface Reading {
  readonly work: ReadWork;
  /** Absent while it is not on the ledger. */
  readonly run: Run | undefined;
  readonly view: LedgerView;
  readonly rules: TipRules;
  readonly fleet: Fleet;
  /** Every switch of it, by name. */
  readonly devices: readonly FleetDevice[];
  /** Those that have no outcome yet. */
  readonly open: readonly FleetDevice[];
}

interface Place {
  readonly site: string;
  readonly device: string;
}

/** What the switches said. */
export interface Answers {
  readonly outcomes: readonly (Place & { readonly outcome: DeviceOutcome })[];
  /** Those that could not be asked. */
  readonly failures: readonly (Place & { readonly error: ErrorDocument })[];
  /** What goes to the ledger in the commit that holds the outcomes. */
  readonly keeps: Pick<LedgerStep, 'backups' | 'drift' | 'driftGone'>;
  /** Files beside the run's page, by name: of all switches asked so far. */
  readonly artifacts: ReadonlyMap<string, string>;
  /** Switches whose backup is new, and where it stands. */
  readonly backups?: readonly (Place & { readonly file: string })[];
  /** Whether something is left to do when all have answered. Of readers with {@link Reader.handle} only. */
  readonly isToHandle?: boolean;
}

/** What one workflow does with the switches, and then with what they said. */
export interface Reader {
  /** The stage in which switches are asked. What stands before it only loads. */
  readonly asks: string;
  /**
   * Whether what could not be asked is worth a person's own try: then the run stands as failed until somebody says so. What the
   * clock asks for ends all the same, because its next time asks again.
   */
  readonly parks?: boolean;
  /** Never throws for a switch that cannot be asked. Changes nothing anywhere. */
  ask(deps: ReconcilerDeps, reading: Reading, signal: AbortSignal): Promise<Answers>;
  /**
   * Does what follows from outcomes that are on the ledger. Safe to call again after dying in it.
   *
   * @returns Files beside the run's page.
   */
  handle?(
    deps: ReconcilerDeps,
    reading: Reading & { readonly run: Run },
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>>;
}
