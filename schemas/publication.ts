/** A plan shown to reviewers: in the comment and in the check. */
export interface Publication {
  readonly digest: string;
  readonly head: string;
  /** Milliseconds since the epoch by the forge's clock: when the comment that shows it was last written. */
  readonly publishedAt: number;
}
