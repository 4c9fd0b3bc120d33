import { describe, expect, it } from 'vitest';
import { layOut } from '../../desired-state/fleet-layout.ts';

const blob = '0'.repeat(40);
const file = (path: string, mode = '100644') => ({ path, mode, blob });

describe('layOut()', () => {
  it.each([
    { mode: '120000', code: 'DESIRED_STATE_SYMLINK' },
    { mode: '160000', code: 'DESIRED_STATE_SUBMODULE' },
  ])('follows nothing out of the repo: $code', ({ mode, code }) => {
    const paths = ['approvals.yaml', 'desired-state/devices/ams1/leaf01.yaml', 'desired-state/templates'];

    const { problems, devices } = layOut([file('pointsman.yaml'), ...paths.map((path) => file(path, mode))]);

    expect(problems).toEqual(paths.map((path) => expect.objectContaining({ file: path, code })));
    expect(devices).toEqual([]);
  });

  it('lets links and submodules be where it does not look', () => {
    expect(layOut([file('pointsman.yaml'), file('vendor', '160000'), file('docs/link', '120000')]).problems).toEqual(
      [],
    );
  });

  it('refuses a link in place of the whole folder', () => {
    expect(layOut([file('desired-state', '120000'), file('pointsman.yaml')]).problems).toMatchObject([
      { file: 'desired-state', code: 'DESIRED_STATE_SYMLINK' },
    ]);
  });

  it('knows a startup.yaml from a device', () => {
    const { devices, startups } = layOut([
      file('desired-state/devices/a/x.startup.yaml'),
      file('desired-state/devices/a/x.yaml'),
      file('pointsman.yaml'),
    ]);

    expect(devices.map(({ name }) => name)).toEqual(['x']);
    expect([...startups.keys()]).toEqual(['desired-state/devices/a/x.yaml']);
  });
});
