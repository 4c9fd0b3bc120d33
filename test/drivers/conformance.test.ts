import { describe, expect, it } from 'vitest';
import { driverFor, drivers } from '../../drivers/registry.ts';
import { type ConformanceFixture, describeConformance } from './conformance.ts';
import { frrFixture } from './frr/fixture.ts';
import { BASE, changed } from './lab.ts';
import { createNvueBench } from './nvue/bench.ts';

const intended = changed(BASE, ['interface', 'swp1-2', 'link', 'mtu'], 9000);
const wrongLeaf = changed(BASE, ['interface', 'swp1', 'ip'], { address: { 'no-address': {} } });
const contradiction = changed(BASE, ['router', 'bgp'], { enable: 'on', 'router-id': '10.10.10.1' });

function nvue(platform: 'cumulus' | 'nvos', release: '5.9' | '5.11'): ConformanceFixture {
  return {
    name: `${platform} ${release}`,
    driver: driverFor(platform),
    start: () => createNvueBench({ platform, release }),
    intended,
    refusedLeaf: { tree: wrongLeaf, path: ['interface', 'swp1', 'ip', 'address', 'no-address'] },
    refusedWhole: { tree: contradiction, path: ['vrf', 'default', 'router', 'bgp', 'enable'] },
  };
}

const fixtures: Readonly<Record<string, readonly ConformanceFixture[]>> = {
  cumulus: [nvue('cumulus', '5.9'), nvue('cumulus', '5.11')],
  nvos: [nvue('nvos', '5.11')],
  frr: [frrFixture],
};

describe('the conformance suite', () => {
  it('has a switch to try every registered platform on', () => {
    expect(Object.keys(fixtures).sort()).toEqual(Object.keys(drivers).sort());
  });
});

for (const fixture of Object.values(fixtures).flat()) describeConformance(fixture);
