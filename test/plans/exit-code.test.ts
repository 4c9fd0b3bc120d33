import { expect, it } from 'vitest';
import { exitCodeOf } from '../../plans/exit-code.ts';
import { aBlocked, aChanging, anUnchanged, aPlan } from './build.ts';

it.each([
  { what: '0 when nothing would change', devices: [anUnchanged('a')], code: 0 },
  { what: '0 when no device is concerned', devices: [], code: 0 },
  { what: '2 when something would change', devices: [anUnchanged('a'), aChanging('b')], code: 2 },
  { what: '3 when a device is blocked, whatever the others do', devices: [aChanging('b'), aBlocked('c')], code: 3 },
])('exitCodeOf() is $what', ({ devices, code }) => {
  expect(exitCodeOf(aPlan({ devices }))).toBe(code);
});
