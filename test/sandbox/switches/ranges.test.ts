import { describe, expect, it } from 'vitest';
import { expandRangeKeys, namesOf } from '../../../sandbox/switches/ranges.ts';

describe('range keys', () => {
  it.each([
    ['swp1-4', ['swp1', 'swp2', 'swp3', 'swp4']],
    ['swp2,6', ['swp2', 'swp6']],
    ['10,20,30-31', ['10', '20', '30', '31']],
    ['swp1s0-3', ['swp1s0', 'swp1s1', 'swp1s2', 'swp1s3']],
    ['swp1-2,bond3-4', ['swp1', 'swp2', 'bond3', 'bond4']],
    ['swp1', ['swp1']],
    ['peer-link', ['peer-link']],
    ['swp4-1', ['swp4-1']],
    ['lo', ['lo']],
  ])('%s names %j', (key, names) => {
    expect(namesOf(key)).toEqual(names);
  });

  it('are expanded where keys are interfaces or numbers, and nowhere else', () => {
    const expanded = expandRangeKeys({
      interface: { 'swp1-2': { bridge: { domain: { br_default: { vlan: { '10,20': {} } } } } } },
      acl: { 'rack-1': { rule: { '10': { match: { ip: { 'dest-port': { '80-81': {} } } } } } } },
    });

    expect(expanded).toEqual({
      interface: {
        swp1: { bridge: { domain: { br_default: { vlan: { '10': {}, '20': {} } } } } },
        swp2: { bridge: { domain: { br_default: { vlan: { '10': {}, '20': {} } } } } },
      },
      acl: { 'rack-1': { rule: { '10': { match: { ip: { 'dest-port': { '80-81': {} } } } } } } },
    });
  });

  it('hold together with a single key beside them, the later one winning', () => {
    const expanded = expandRangeKeys({
      interface: { 'swp1-2': { type: 'swp', link: { mtu: 1500 } }, swp2: { link: { mtu: 9216 } } },
    });

    expect(expanded).toEqual({
      interface: { swp1: { type: 'swp', link: { mtu: 1500 } }, swp2: { type: 'swp', link: { mtu: 9216 } } },
    });
  });
});
