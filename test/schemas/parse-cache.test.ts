import { describe, expect, it } from 'vitest';
import { createParseCache } from '../../schemas/parse-cache.ts';

const source = Buffer.from('time_zone: UTC\n');

describe('createParseCache()', () => {
  it('gives back the very same result for the same file', () => {
    const cache = createParseCache();

    const first = cache.parse('site', 'desired-state/sites/a.yaml', 'b1', source);

    expect(cache.known('desired-state/sites/a.yaml', 'b1')?.result).toBe(first);
  });

  it('does not know the same content under another path, which problems would name wrongly', () => {
    const cache = createParseCache();
    cache.parse('site', 'desired-state/sites/a.yaml', 'b1', source);

    expect(cache.known('desired-state/sites/b.yaml', 'b1')).toBeUndefined();
  });

  it('forgets what was asked for longest ago', () => {
    const cache = createParseCache(2);
    cache.parse('site', 'a', '1', source);
    cache.parse('site', 'b', '2', source);
    cache.known('a', '1');
    cache.parse('site', 'c', '3', source);

    expect(['a', 'b', 'c'].map((file, index) => cache.known(file, String(index + 1)) !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
  });
});
