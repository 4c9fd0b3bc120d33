import { afterAll, describe, expect, it } from 'vitest';
import { readDemoFabric } from '../../../sandbox/demo-fabric.ts';
import { type DemoStories, makeDemoStories, PLANTED_MISTAKES } from '../../../sandbox/fleets/demo-stories.ts';
import { applyEdit, withEndpoints } from '../../../sandbox/fleets/fleet-files.ts';
import { createFleetInGit, renderAll } from './fleet-in-git.ts';

const { files } = readDemoFabric();
const stories = makeDemoStories(files);
const fleet = await createFleetInGit();
afterAll(fleet.remove);

const leaves = ['leaf01', 'leaf02', 'leaf03', 'leaf04'];

function filesAfter(story: keyof DemoStories) {
  return applyEdit(files, stories[story].files);
}

async function problemsOf(story: keyof DemoStories) {
  const loaded = await fleet.load(filesAfter(story));
  return loaded.kind === 'invalid' ? loaded.problems : [];
}

async function treesAfter(story: keyof DemoStories) {
  return renderAll(await fleet.load(filesAfter(story)));
}

describe('makeDemoStories()', () => {
  it.each<[keyof DemoStories, readonly string[]]>([
    ['addVlan', leaves],
    ['ntpOnOneLeaf', ['leaf01']],
    ['cutManagement', ['leaf04']],
    ['wrongValue', ['leaf02']],
    ['semanticError', ['leaf03']],
    ['bgpAsnChange', ['leaf03']],
  ])('%s changes what %j are to hold, and nothing else', async (story, expected) => {
    const change = await fleet.change(files, filesAfter(story));

    expect(change).toMatchObject({ kind: 'valid', removed: [], elsewhere: 6 - expected.length });
    expect(change.kind === 'valid' && change.changed.map(({ name }) => name)).toEqual(expected);
  });

  it('gives every leaf VLAN 120 with its VNI, its gateway, and the bonds of tenant RED only', async () => {
    const trees = await treesAfter('addVlan');

    for (const [index, leaf] of leaves.entries()) {
      expect(trees.get(leaf)?.tree).toMatchObject({
        bridge: { domain: { br_default: { vlan: { 120: { vni: { 10120: {} } } } } } },
        interface: {
          vlan120: {
            type: 'svi',
            vlan: 120,
            ip: {
              vrf: 'RED',
              address: { [`10.1.120.${2 + index}/24`]: {} },
              vrr: { address: { '10.1.120.1/24': {} } },
            },
          },
          bond10: { bridge: { domain: { br_default: { vlan: { 30: {}, 120: {} } } } } },
          bond11: { bridge: { domain: { br_default: { vlan: { 40: {}, 50: {} } } } } },
        },
      });
      expect(trees.get(leaf)?.tree).not.toHaveProperty('interface.bond11.bridge.domain.br_default.vlan.120');
    }
  });

  it('takes the address from eth0 of leaf04, and nothing else of what keeps us in', async () => {
    const { tree } = (await treesAfter('cutManagement')).get('leaf04') ?? {};

    expect(tree).toMatchObject({
      interface: { eth0: { ip: { vrf: 'mgmt', gateway: { '192.168.200.1': {} } } } },
      system: { api: { state: 'enabled' } },
    });
    expect(tree).not.toHaveProperty('interface.eth0.ip.address');
  });

  it('breaks the YAML of one file, where a reader would look', async () => {
    expect(await problemsOf('brokenYaml')).toMatchObject([{ file: 'desired-state/sites/ams1.yaml', line: 10 }]);
  });

  it('plants as many mistakes as it says, no two of a kind, and none quotes the secret', async () => {
    const problems = await problemsOf('manyProblems');

    expect(problems).toHaveLength(PLANTED_MISTAKES);
    expect(new Set(problems.map(({ file }) => file)).size).toBe(PLANTED_MISTAKES);
    expect(JSON.stringify(problems)).not.toContain('never.quote.this');
  });

  it('keeps the addresses and pins of a running sandbox', () => {
    const pin = `sha256:${'e'.repeat(64)}`;
    const running = withEndpoints(files, new Map(leaves.map((name) => [name, { address: '127.0.0.1:40123', pin }])));

    const edited = Object.values(makeDemoStories(running)).flatMap((story) => [...story.files]);
    const devices = edited.filter(([path]) => /devices\/ams1\/leaf0/.test(path));

    for (const [, text] of devices) {
      expect(text).toContain('address: 127.0.0.1:40123\n');
      expect(text).toContain(pin);
    }
    expect(devices.length).toBeGreaterThan(6);
  });
});
