/** Writes the parts of docs/ that are made from the sources. A test fails when they are stale. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedBlocks, putBlock } from './docs/generated-blocks.ts';

const root = join(import.meta.dirname, '..');
for (const block of generatedBlocks(root)) {
  const path = join(root, block.file);
  writeFileSync(path, putBlock(readFileSync(path, 'utf8'), block));
}
