import type { Manner } from '../../ledger/manner.ts';
import { visible } from '../../plans/safe-text.ts';

/** How sentences of the ledger are written on a terminal: as they are, but nothing in them can move the cursor or hide. */
export const terminal: Manner = { code: oneLine, plain: oneLine, strong: (text) => text };

function oneLine(text: string): string {
  return visible(text.replace(/\r\n|[\n\r\t]/g, ' '));
}
