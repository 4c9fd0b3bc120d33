/** Writes `schemas/published/<kind>.schema.json`, which editors use. A test fails when they are stale. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Kind, kinds, publishedSchema } from '../schemas/kinds.ts';

const folder = join(import.meta.dirname, '..', 'schemas', 'published');
mkdirSync(folder, { recursive: true });
for (const kind of Object.keys(kinds) as Kind[]) {
  writeFileSync(join(folder, `${kind}.schema.json`), `${JSON.stringify(publishedSchema(kind), null, 2)}\n`);
}
