import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  applyEdit,
  devicePaths,
  replaceOnce,
  withEndpoints,
  withRollout,
} from '../../../sandbox/fleets/fleet-files.ts';

const pin = `sha256:${'a'.repeat(64)}`;
const endpoints = new Map([['leaf01', { address: '127.0.0.1:40123', pin }]]);

function fleetOf(device: string) {
  return new Map([
    ['desired-state/devices/ams1/leaf01.yaml', device],
    ['desired-state/devices/ams1/leaf01.startup.yaml', '- set: {}\n'],
    ['desired-state/devices/ams1/leaf02.yaml', 'address: 192.168.200.12\n'],
  ]);
}

function leaf01With(device: string): string {
  return withEndpoints(fleetOf(device), endpoints).get('desired-state/devices/ams1/leaf01.yaml') ?? '';
}

describe('withEndpoints()', () => {
  it('changes the address and the pins and not one character besides', () => {
    const text = leaf01With(
      `# upper leaf\nrole:   leaf\naddress: 192.168.200.11 # oob\ntls:\n  pins:\n    # current\n    - sha256:${'b'.repeat(64)}\n    - sha256:${'c'.repeat(64)}\nlabels: { rack:  r1 }\n`,
    );

    expect(text).toBe(
      `# upper leaf\nrole:   leaf\naddress: 127.0.0.1:40123 # oob\ntls:\n  pins:\n    # current\n    - ${pin}\nlabels: { rack:  r1 }\n`,
    );
  });

  it.each([
    { case: 'pins on one line', tls: `tls:\n  pins: [sha256:${'b'.repeat(64)}]\n`, expected: { pins: [pin] } },
    { case: 'a server name and no pins', tls: 'tls:\n  server_name: x\n', expected: { pins: [pin], server_name: 'x' } },
    { case: 'no tls at all', tls: '', expected: { pins: [pin] } },
  ])('sets the pin where the device has $case', ({ tls, expected }) => {
    const device = parse(leaf01With(`address: 192.168.200.11\n${tls}serial: X\n`));

    expect(device).toEqual({ address: '127.0.0.1:40123', serial: 'X', tls: expected });
  });

  it('leaves devices alone that are not named', () => {
    const files = fleetOf('address: 192.168.200.11\n');

    expect(withEndpoints(files, endpoints).get('desired-state/devices/ams1/leaf02.yaml')).toBe(
      'address: 192.168.200.12\n',
    );
  });

  it('throws when a named device has no file', () => {
    const call = () => withEndpoints(fleetOf(''), new Map([['leaf09', { address: '127.0.0.1:40123', pin }]]));

    expect(call).toThrowError(
      expect.objectContaining({ code: 'SANDBOX_FLEET_TEXT_NOT_FOUND', details: expect.objectContaining({ found: 0 }) }),
    );
  });
});

describe('withRollout()', () => {
  it('sets fields that are there, adds those that are not, and keeps the rest', () => {
    const settings = 'branch: main\nrollout:\n  # per site\n  devices_at_once: 4\n  confirm_within_seconds: 300\n';

    const files = withRollout(new Map([['pointsman.yaml', settings]]), { devicesAtOnce: 2, pollMilliseconds: 20 });

    expect(files.get('pointsman.yaml')).toBe(
      'branch: main\nrollout:\n  poll_milliseconds: 20\n  # per site\n  devices_at_once: 2\n  confirm_within_seconds: 300\n',
    );
  });
});

describe('applyEdit()', () => {
  it('writes new text and takes files away', () => {
    const files = applyEdit(
      new Map([
        ['a', '1'],
        ['b', '2'],
      ]),
      new Map([
        ['a', null],
        ['c', '3'],
      ]),
    );

    expect([...files]).toEqual([
      ['b', '2'],
      ['c', '3'],
    ]);
  });
});

describe('devicePaths()', () => {
  it('knows device files from the startup files beside them', () => {
    expect([...devicePaths(fleetOf('')).keys()]).toEqual(['leaf01', 'leaf02']);
  });
});

describe('replaceOnce()', () => {
  it.each([
    { case: 'is missing', what: 'z', found: 0 },
    { case: 'stands there twice', what: 'a', found: 2 },
    { case: 'matches twice', what: /a/, found: 2 },
  ])('throws when the text $case', ({ what, found }) => {
    expect(() => replaceOnce('f', 'a b a', what, 'x')).toThrowError(
      expect.objectContaining({ details: { file: 'f', text: String(what), found } }),
    );
  });

  it('takes the replacement literally', () => {
    expect(replaceOnce('f', 'a b', 'b', '$6$hash$&')).toBe('a $6$hash$&');
  });
});
