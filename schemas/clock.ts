/** Time, as an argument: tests drive it, the product reads the machine's. */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  now(): number;
  /** @throws The signal's reason, when aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}
