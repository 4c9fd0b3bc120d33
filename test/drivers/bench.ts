import type { Login, Session, Target } from '../../drivers/driver.ts';
import type { Tree } from '../../schemas/json.ts';

/** One switch, whatever it is, and what the conformance suite has to be able to do with it past the driver. */
export interface Bench {
  readonly target: Target;
  readonly identity: { readonly hostname: string; readonly serial: string; readonly pin: string };
  /** May read and not stage. */
  readonly weak: Login;
  /** Every log line, as JSON. */
  readonly logged: string[];
  /** By the clock the driver and the switch are on. */
  now(): number;
  /** A session of its own, closed with the bench. */
  open(change?: Partial<Target>): Promise<Session>;
  /** What was sent since the last call that changes something, in the words of the protocol. */
  changesSent(): Promise<readonly string[]>;
  /** Time passes, and the switch has done what it does by itself in that time. */
  pass(milliseconds: number): Promise<void>;
  /** Nobody answers any more. */
  unplug(): Promise<void>;
  running(): Promise<Tree>;
  startup(): Promise<Tree>;
  /** All a switch keeps of candidates, to see that nothing changed. */
  everything(): Promise<string>;
  /** A person past us, by the name of eve where the switch keeps names. */
  readonly somebodyElse: {
    /** @returns The candidates that it left. */
    applies(): Promise<readonly string[]>;
    /** A change that then waits for the answer of that person. */
    startsToApply(): Promise<{ readonly candidate: string; readonly state: string }>;
    hasApplied(tree: Tree): boolean;
  };
  /** Commits and is cut off as soon as the switch is on its way. */
  startApply(session: Session, candidate: string): Promise<void>;
  /** The system, a link and a neighbour. @returns The names of their probes, in order. */
  breakThings(): Promise<readonly string[]>;
  close(): Promise<void>;
}
