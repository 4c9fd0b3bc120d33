import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, whyTooWide } from '../../schemas/path-cover.ts';

const path = (text: string) => text.split(' ');

describe('covers()', () => {
  it.each([
    ['service.ntp', 'service ntp', true],
    ['service.ntp', 'service ntp mgmt server 10.0.0.1', true],
    ['service.ntp', 'service', false],
    ['service.ntp', 'service ntpd', false],
    ['service.ntp', 'service syslog ntp', false],
    ['interface.*.description', 'interface swp1 description', true],
    ['interface.*.description', 'interface swp1 link mtu', false],
    ['interface.swp*.description', 'interface swp10 description', true],
    ['interface.swp*.description', 'interface eth0 description', false],
    ['interface.*.*', 'interface swp1', false],
    ['interface.swp+1', 'interface swpp1', false],
  ])('%s is about %s: %s', (place, at, expected) => {
    expect(covers([place], path(at))).toBe(expected);
  });

  it('is about nothing where no place is named', () => {
    expect(covers([], ['service', 'ntp'])).toBe(false);
  });

  it('takes a star for one key and no more, whatever is in the key', () => {
    fc.assert(
      fc.property(fc.string(), (key) => {
        expect(covers(['interface.*.description'], ['interface', key, 'description'])).toBe(true);
        expect(covers(['interface.*.description'], ['interface', key, 'x', 'description'])).toBe(false);
      }),
    );
  });
});

describe('whyTooWide()', () => {
  it.each([
    'interface',
    'router',
    'system',
    '*',
    '*.ntp',
    'sys*.ntp',
    'interface.*',
    'interface.*.*',
    'interface.swp*',
  ])('refuses %s', (place) => {
    expect(whyTooWide(place)).toBeDefined();
  });

  it.each(['service.ntp', 'system.ntp', 'interface.*.description', 'service.snmp-server', 'interface.swp1'])(
    'takes %s',
    (place) => {
      expect(whyTooWide(place)).toBeUndefined();
    },
  );

  it('says in words what it would be', () => {
    expect(whyTooWide('interface')).toBe('it is all of interface');
    expect(whyTooWide('interface.*')).toBe('it can be all of interface');
  });

  it('lets no place pass that covers all of a part at the top', () => {
    const part = fc.constantFrom('a', 'b', '*', 'a*', '**');
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const place = parts.join('.');
        // Keys that nobody names: what covers these covers everything of its kind.
        const wide = covers([place], ['a', 'zz', 'yy', 'xx', 'ww']) || covers([place], ['b', 'zz', 'yy', 'xx', 'ww']);
        if (wide) expect(whyTooWide(place)).toBeDefined();
      }),
    );
  });
});
