import { describe, expect, it } from 'vitest';
import { agreesWith } from '../../plans/agrees-with.ts';
import { createFingerprint } from '../../plans/fingerprint.ts';
import type { Change } from '../../schemas/change.ts';
import { set, unset } from './build.ts';

const fingerprint = createFingerprint('key of this test');
const secret = (name: string, value: string): Change => ({
  kind: 'set',
  path: ['user', name, 'password'],
  to: fingerprint(value),
});
const key = (value: string): Change => ({ kind: 'set', path: ['snmp', fingerprint(value), 'access'], to: {} });

describe('agreesWith()', () => {
  it.each<{ what: string; approved: Change[]; device: Change[]; unclear?: string[][] }>([
    { what: 'in any order', approved: [set('a', 1), unset('b', 2)], device: [unset('b', 2), set('a', 1)] },
    { what: 'where a number is quoted', approved: [set('a', 1)], device: [set('a', '1')] },
    { what: 'where only one says what was there before', approved: [set('a', 1, 2)], device: [set('a', 1)] },
    { what: 'where the switch encrypts a secret', approved: [secret('ana', 'x')], device: [secret('ana', '$nvsec$y')] },
    { what: 'where the switch encrypts a key', approved: [key('x')], device: [key('$nvsec$y')] },
    {
      what: 'where an unclear secret turns out equal',
      approved: [secret('ana', 'x')],
      device: [],
      unclear: [['user', 'ana', 'password']],
    },
    {
      what: 'where the switch re-hashes an equal secret',
      approved: [],
      device: [secret('ana', '$6$y')],
      unclear: [['user', 'ana', 'password']],
    },
    { what: 'below an unclear key', approved: [key('x')], device: [], unclear: [['snmp', fingerprint('x')]] },
    {
      what: 'where only one names a map that is left empty',
      approved: [set('v 10', {}), unset('v 10 x', 1)],
      device: [unset('v 10 x', 1)],
    },
    {
      what: 'where only one names an empty map that grows',
      approved: [set('v 10 x', 1)],
      device: [unset('v 10', {}), set('v 10 x', 1)],
    },
  ])('agrees $what', ({ approved, device, unclear = [] }) => {
    expect(agreesWith(approved, device, unclear)).toEqual({ agrees: true });
  });

  it.each<{ what: string; approved: Change[]; device: Change[]; onlyApproved: Change[]; onlyDevice: Change[] }>([
    {
      what: 'the switch would do more',
      approved: [set('a', 1)],
      device: [set('a', 1), set('b', 1)],
      onlyApproved: [],
      onlyDevice: [set('b', 1)],
    },
    {
      what: 'the switch would do less',
      approved: [set('a', 1)],
      device: [],
      onlyApproved: [set('a', 1)],
      onlyDevice: [],
    },
    {
      what: 'a value differs',
      approved: [set('a', 1)],
      device: [set('a', 2)],
      onlyApproved: [set('a', 1)],
      onlyDevice: [set('a', 2)],
    },
    {
      what: 'one sets and the other unsets',
      approved: [set('a', 1)],
      device: [unset('a', 1)],
      onlyApproved: [set('a', 1)],
      onlyDevice: [unset('a', 1)],
    },
    {
      what: 'a secret of somebody else is set',
      approved: [secret('ana', 'x')],
      device: [secret('bo', 'x')],
      onlyApproved: [secret('ana', 'x')],
      onlyDevice: [secret('bo', 'x')],
    },
    {
      what: 'there is one secret key more',
      approved: [key('x')],
      device: [key('y'), key('z')],
      onlyApproved: [],
      onlyDevice: [key('z')],
    },
    {
      what: 'a plain text stands where a secret was approved',
      approved: [secret('ana', 'x')],
      device: [set('user ana password', 'x')],
      onlyApproved: [secret('ana', 'x')],
      onlyDevice: [set('user ana password', 'x')],
    },
    {
      what: 'an empty map appears from nothing',
      approved: [],
      device: [set('v 10', {})],
      onlyApproved: [],
      onlyDevice: [set('v 10', {})],
    },
  ])('disagrees when $what', ({ approved, device, onlyApproved, onlyDevice }) => {
    expect(agreesWith(approved, device, [])).toEqual({ agrees: false, onlyApproved, onlyDevice });
  });
});
