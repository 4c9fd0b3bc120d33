import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOB_LIMIT_BYTES, createBatchReader } from '../../git/read-blobs.ts';

const ID = 'a'.repeat(40);

describe('reading the answers of cat-file', () => {
  it('does not depend on how they are cut into pieces', () => {
    const blobs = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 });
    const cuts = fc.array(fc.nat(400), { maxLength: 40 });

    fc.assert(
      fc.property(blobs, cuts, (contents, places) => {
        const answers = contents.map((bytes, index) => {
          const id = index.toString(16).padStart(40, '0');
          return Buffer.concat([Buffer.from(`${id} blob ${bytes.length}\n`), bytes, Buffer.from('\n')]);
        });
        const output = Buffer.concat(answers);
        const found: Uint8Array[] = [];
        const reader = createBatchReader((_, content) => found.push(Uint8Array.from(content)));

        const edges = [0, ...places.filter((place) => place < output.length).sort((a, b) => a - b), output.length];
        for (const [index, edge] of edges.entries()) reader.take(output.subarray(edges[index - 1] ?? 0, edge));
        reader.end();

        expect(found).toEqual(contents.map((bytes) => Uint8Array.from(bytes)));
      }),
    );
  });

  it.each([
    ['half a header', `${ID} bl`],
    ['half a content', `${ID} blob 5\nabc`],
    ['no line end after a content', `${ID} blob 3\nabc`],
  ])('is an error at the end of %s', (_, text) => {
    const reader = createBatchReader(() => undefined);
    reader.take(Buffer.from(text));

    expect(() => reader.end()).toThrow(expect.objectContaining({ code: 'GIT_COMMAND_FAILED' }));
  });

  it.each([
    ['words nobody knows', 'fatal: what\n', 'GIT_COMMAND_FAILED'],
    ['a content longer than announced', `${ID} blob 2\nabc${ID} blob 0\n\n`, 'GIT_COMMAND_FAILED'],
    ['a header without end', 'x'.repeat(300), 'GIT_COMMAND_FAILED'],
    ['a file too large to hold', `${ID} blob ${BLOB_LIMIT_BYTES + 1}\n`, 'GIT_BLOB_UNREADABLE'],
    ['a missing object', `${ID} missing\n`, 'GIT_OBJECT_MISSING'],
  ])('is an error at %s', (_, text, code) => {
    const reader = createBatchReader(() => undefined);

    expect(() => reader.take(Buffer.from(text))).toThrow(expect.objectContaining({ code }));
  });
});
