import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeFabric } from '../../../sandbox/lab/fabric.ts';

const sizes = fc.record({ spines: fc.integer({ min: 1, max: 6 }), leaves: fc.integer({ min: 1, max: 30 }) });

describe('makeFabric()', () => {
  it('gives leaves the ports from swp51 to the spines, and spines the ports from swp1 to the leaves', () => {
    const { nodes } = makeFabric({ spines: 2, leaves: 2 });

    expect(nodes.map(({ name }) => name)).toEqual(['spine01', 'spine02', 'leaf01', 'leaf02']);
    expect(nodes.find(({ name }) => name === 'leaf02')?.links).toEqual([
      { port: 'swp51', peer: 'spine01', peerPort: 'swp2' },
      { port: 'swp52', peer: 'spine02', peerPort: 'swp2' },
    ]);
    expect(nodes.find(({ name }) => name === 'spine02')?.links).toEqual([
      { port: 'swp1', peer: 'leaf01', peerPort: 'swp52' },
      { port: 'swp2', peer: 'leaf02', peerPort: 'swp52' },
    ]);
  });

  it('cables every leaf to every spine once, and tells it the same at both ends', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const { nodes, cables } = makeFabric(size);
        const ends = nodes.flatMap(({ name, links }) =>
          links.map(({ port, peer, peerPort }) => `${name} ${port} - ${peer} ${peerPort}`),
        );

        expect(cables).toHaveLength(size.spines * size.leaves);
        expect(new Set(ends).size).toBe(2 * cables.length);
        for (const end of ends) expect(ends).toContain(end.split(' - ').reverse().join(' - '));
      }),
      { numRuns: 20 },
    );
  });
});
