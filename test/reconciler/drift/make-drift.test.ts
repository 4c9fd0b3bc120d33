import { describe, expect, it } from 'vitest';
import { isKnown, makeDrift, type SeenDrift } from '../../../reconciler/drift/make-drift.ts';
import { notPending } from '../../../reconciler/drift/pending.ts';
import type { Change } from '../../../schemas/change.ts';

const ABOUT = { site: 'ams1', device: 'leaf01', run: 'driftcheck-by-nightly-20261126t0200z', commit: 'a'.repeat(40) };
const set = (path: string, to: string, from?: string): Change => ({
  kind: 'set',
  path: path.split('.'),
  to,
  ...(from === undefined ? {} : { from }),
});
const unset = (path: string): Change => ({ kind: 'unset', path: path.split('.'), from: 'by hand' });
const make = (seen: Partial<SeenDrift> = {}) =>
  makeDrift(ABOUT, {
    changes: [unset('system.message.pre-login')],
    lastChange: undefined,
    own: ['pointsman'],
    at: 5000,
    ...seen,
  });

describe('makeDrift()', () => {
  it('keeps what is intended and what runs, each where there is any', () => {
    const { changes } = make({ changes: [set('a.b', 'want'), set('c', 'want', 'have'), unset('d')] });

    expect(changes).toEqual([
      { path: ['a', 'b'], intended: 'want' },
      { path: ['c'], intended: 'want', running: 'have' },
      { path: ['d'], running: 'by hand' },
    ]);
  });

  it('names who changed the switch last, and not us', () => {
    expect(make({ lastChange: { by: 'eve', at: 4000 } })).toMatchObject({ by: 'eve', changedAt: 4000 });
    expect(make({ lastChange: { by: 'eve' } })).not.toHaveProperty('changedAt');
    expect(make({ lastChange: { by: 'pointsman', at: 4000 } })).not.toHaveProperty('by');
  });

  it('keeps the first two hundred and says how many more there are, and knows all of them by its digest', () => {
    const many = Array.from({ length: 203 }, (_, index) => unset(`vlan.${index}`));

    expect(make({ changes: many })).toMatchObject({ more: 3 });
    expect(make({ changes: many }).changes).toHaveLength(200);
    expect(make({ changes: many }).digest).not.toBe(make({ changes: many.slice(0, 202) }).digest);
  });

  it('is known again while a switch differs in the same way, and not when in another', () => {
    const changes = [unset('system.message.pre-login')];

    expect(isKnown(make({ changes }), changes)).toBe(true);
    expect(isKnown(make({ changes }), [...changes, unset('x')])).toBe(false);
    expect(isKnown(undefined, changes)).toBe(false);
  });
});

describe('notPending()', () => {
  const changes = [set('vlan.20.name', 'blue'), unset('system.message')];

  it('leaves what nobody merged a change for', () => {
    expect(notPending(changes, [])).toEqual(changes);
    expect(notPending(changes, [['vlan', '20', 'name']])).toEqual([changes[1]]);
  });

  it('takes what stands above or below a merged change for pending too', () => {
    expect(notPending(changes, [['vlan']])).toEqual([changes[1]]);
    expect(notPending(changes, [['system', 'message', 'pre-login']])).toEqual([changes[0]]);
    expect(notPending(changes, [['vlan', '2']])).toEqual(changes);
    expect(notPending([unset('vlan')], [['vlan', '20', 'name']])).toEqual([]);
  });

  it('knows a secret that is a key by its place', () => {
    const community = unset('snmp.community.«secret:0011223344556677».access');

    expect(notPending([community], [['snmp', 'community', 'secret:ams1/snmp', 'access']])).toEqual([]);
  });

  it('leaves nothing of a switch that a run is at', () => {
    expect(notPending(changes, 'all')).toEqual([]);
  });
});
