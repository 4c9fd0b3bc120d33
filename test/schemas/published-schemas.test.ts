import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Kind, kinds, publishedSchema } from '../../schemas/kinds.ts';

const folder = join(import.meta.dirname, '..', '..', 'schemas', 'published');

describe('the published schemas', () => {
  it.each(Object.keys(kinds) as Kind[])('are what the code says: %s (npm run schemas writes them)', (kind) => {
    expect(JSON.parse(readFileSync(join(folder, `${kind}.schema.json`), 'utf8'))).toEqual(publishedSchema(kind));
  });

  it('are of no kind that is gone', () => {
    expect(readdirSync(folder).sort()).toEqual(
      Object.keys(kinds)
        .map((kind) => `${kind}.schema.json`)
        .sort(),
    );
  });
});
