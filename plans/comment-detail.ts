/** How much of everything a comment shows. */
export interface CommentDetail {
  /** Where in the fleet repo each line comes from. */
  readonly origins: boolean;
  /** How many diffs of groups without disruption or management impact are shown. */
  readonly plainDiffs: number;
  /** Lines of one diff; of a longer one the head and the tail are shown. */
  readonly diffLines: number;
  /** Characters of one line of a diff. */
  readonly diffColumns: number;
  /** What will happen, stage by stage. */
  readonly steps: boolean;
  /** Names in a list of devices. */
  readonly names: number;
  /** Rows of a table, items of a list. */
  readonly rows: number;
  /** Rows of a table of batches. */
  readonly batchRows: number;
  /** Characters of a quoted sentence. */
  readonly sentence: number;
}

/** Nothing is left out: for a file, not for a comment. */
export const EVERYTHING: CommentDetail = {
  origins: true,
  plainDiffs: Number.POSITIVE_INFINITY,
  diffLines: Number.POSITIVE_INFINITY,
  diffColumns: Number.POSITIVE_INFINITY,
  steps: true,
  names: Number.POSITIVE_INFINITY,
  rows: Number.POSITIVE_INFINITY,
  batchRows: Number.POSITIVE_INFINITY,
  sentence: Number.POSITIVE_INFINITY,
};

const FIRST: CommentDetail = {
  ...EVERYTHING,
  diffColumns: 1_000,
  names: 200,
  rows: 60,
  batchRows: 12,
  sentence: 1_000,
};

const MIDDLE_CUT: CommentDetail = { ...FIRST, origins: false, plainDiffs: 1, diffLines: 40, diffColumns: 200 };
const NO_DIFFS: CommentDetail = {
  origins: false,
  plainDiffs: 0,
  diffLines: 0,
  diffColumns: 0,
  steps: false,
  names: 3,
  rows: 40,
  batchRows: 8,
  sentence: 160,
};

/**
 * From the most to the least, each step giving up one more thing: origins, the diffs of low-impact groups after the first,
 * the middle of long diffs, the stages, then names and rows. The verdict, the first rows of the table, the validity, the
 * next step and the links are in the last one too.
 */
const DETAILS: readonly CommentDetail[] = [
  FIRST,
  { ...FIRST, origins: false },
  { ...FIRST, origins: false, plainDiffs: 1 },
  { ...MIDDLE_CUT, diffLines: 200, diffColumns: 300 },
  MIDDLE_CUT,
  { ...MIDDLE_CUT, steps: false, sentence: 300 },
  { ...NO_DIFFS, plainDiffs: 1, diffLines: 20, diffColumns: 160, names: 10, sentence: 300 },
  { ...NO_DIFFS, diffLines: 10, diffColumns: 120, sentence: 200 },
  NO_DIFFS,
  // Only text made to be long gets this far.
  { ...NO_DIFFS, rows: 10, batchRows: 4, sentence: 100 },
  { ...NO_DIFFS, rows: 3, batchRows: 2, sentence: 60 },
];

/** Renders with as much detail as fits. The last step is taken whether it fits or not; its pieces are all bounded. */
export function renderWithin(mostCharacters: number, render: (detail: CommentDetail) => string | undefined): string {
  let text = '';
  for (const detail of DETAILS) {
    text = render(detail) ?? text;
    if (text !== '' && text.length <= mostCharacters) break;
  }
  return text;
}
