import { describe, expect, it } from 'vitest';
import { type AdoptedDevice, type FleetText, renderAdoptedFiles } from '../../desired-state/adopted-files.ts';
import type { Fleet } from '../../desired-state/fleet.ts';
import { parseYaml } from '../../schemas/parse-yaml.ts';

/** As far as it is looked at here. */
function fleetWith(fleet: Partial<Fleet>, texts: Readonly<Record<string, string>> = {}): FleetText {
  const empty = { devices: new Map(), roles: new Map(), sites: new Map(), sources: { layers: new Map() } };
  return { fleet: { ...empty, ...fleet } as unknown as Fleet, texts: new Map(Object.entries(texts)) };
}

const device = (name: string, more: Partial<AdoptedDevice> = {}): AdoptedDevice => ({
  ...{ name, site: 'ams1', role: 'leaf', platform: 'cumulus', address: '10.0.0.11', serial: 'MT1', about: 'MSN2410' },
  tree: { system: { timezone: 'UTC' } },
  ...more,
});

function textAt(files: ReturnType<typeof renderAdoptedFiles>['files'], path: string): string {
  const file = files.find((one) => one.path === path);
  return file && file.kind !== 'removed' ? file.text : '';
}

describe('renderAdoptedFiles()', () => {
  it('writes what a switch says of itself so that it can be nothing else', () => {
    const hostile = 'x\nplatform: nvos\n# \u2028\u202e';

    const { files } = renderAdoptedFiles(fleetWith({}), [device('leaf01', { about: hostile, serial: hostile })]);

    const text = textAt(files, 'desired-state/devices/ams1/leaf01.yaml');
    const parsed = parseYaml(text, 'leaf01.yaml');
    expect(text.split('\n')[0]).toBe('# Adopted as it ran: x?platform: nvos?# ??.');
    expect(parsed.kind === 'valid' && parsed.document.value).toMatchObject({ platform: 'cumulus', serial: hostile });
  });

  it('makes the files of a role and a site also where their switches share nothing', () => {
    const { files } = renderAdoptedFiles(fleetWith({}), [device('leaf01')]);

    expect(files.map(({ path, kind }) => [path, kind])).toEqual([
      ['desired-state/devices/ams1/leaf01.yaml', 'new'],
      ['desired-state/roles/leaf.yaml', 'new'],
      ['desired-state/sites/ams1.yaml', 'new'],
    ]);
    expect(textAt(files, 'desired-state/roles/leaf.yaml')).toMatch(/^# .*\nconfiguration: \{\}\n$/);
  });

  it('adds to a file that has no configuration yet, and keeps what stands there, comments too', () => {
    const path = 'desired-state/roles/leaf.yaml';
    const roles = new Map([['leaf', { file: path, value: { labels: { tier: 'leaf' } } }]]);
    const text = '# Ours.\nlabels:\n  tier: leaf # top of rack\n';

    const { files, kept } = renderAdoptedFiles(fleetWith({ roles }, { [path]: text }), [
      device('leaf01'),
      device('leaf02', { address: '10.0.0.12', serial: 'MT2' }),
    ]);

    expect(kept).toEqual([]);
    expect(textAt(files, path)).toBe(`${text}\nconfiguration:\n  system:\n    timezone: UTC\n`);
  });

  it('counts the lines it saves', () => {
    const two = [device('leaf01'), device('leaf02', { address: '10.0.0.12', serial: 'MT2' })];

    const { written, apart } = renderAdoptedFiles(fleetWith({}), two);

    expect([written.lines, apart.lines]).toEqual([3, 6]);
  });
});
