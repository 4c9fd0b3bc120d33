import { describe, expect, it } from 'vitest';
import { LARGEST_LAB, makeBlock, nodeAddress } from '../../../sandbox/lab/management.ts';

const indexes = Array.from({ length: LARGEST_LAB }, (_, index) => index);

describe('nodeAddress()', () => {
  it('gives the nodes of the largest lab addresses of their own, inside of the block', () => {
    const addresses = indexes.map((index) => nodeAddress(makeBlock(3), index));
    const parts = addresses.map((address) => address.split('.').map(Number));

    expect(addresses[0]).toBe('10.99.12.10');
    expect(new Set(addresses).size).toBe(LARGEST_LAB);
    expect(parts.every(([, , third = 0, fourth = 0]) => third >= 12 && third < 16 && fourth < 256)).toBe(true);
    expect(addresses).not.toContain('10.99.15.255');
  });

  it('gives two blocks nothing in common', () => {
    const first = new Set(indexes.map((index) => nodeAddress(makeBlock(0), index)));

    expect(indexes.map((index) => nodeAddress(makeBlock(1), index)).some((address) => first.has(address))).toBe(false);
  });
});
