/** One thing wrong in one place of a fleet repo. */
export interface Problem {
  /** Path in the fleet repo. */
  readonly file: string;
  /** 1-based; columns count UTF-16 code units. Absent when the file as a whole is meant (it is missing, a symlink…). */
  readonly line?: number;
  readonly column?: number;
  /** `ROOM_WHAT`, stable. */
  readonly code: string;
  /** What was expected and what was found. One line. Never quotes a secret. */
  readonly message: string;
  /** `did you mean "role"?` and the like. */
  readonly hint?: string;
  /** The offending line, verbatim, cut to 160 characters. */
  readonly excerpt?: string;
}
