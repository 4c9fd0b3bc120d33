import { describe, expect, it } from 'vitest';
import type { Adoption } from '../../cli/adopt/adoption.ts';
import type { NamedSwitch } from '../../cli/adopt/name-devices.ts';
import { renderAdoptionBody } from '../../cli/adopt/open-adoption.ts';
import { renderAdoption } from '../../cli/adopt/render-adoption.ts';

const HOSTILE = '`x` | </details> @acme/netops <!-- pointsman:plan --> [a](http://evil) \u001b[2J\u202e';

function named(serial: string): NamedSwitch {
  const identity = { hostname: HOSTILE, serial, model: HOSTILE, version: HOSTILE, pin: `sha256:${'0'.repeat(64)}` };
  const order = { label: 'leaf01', site: 'ams1', host: '10.0.0.11' };
  return {
    ...{ name: 'leaf01', site: 'ams1', role: 'leaf', roleGuessed: true },
    found: { kind: 'found', device: 'leaf01', platform: 'cumulus', identity, tree: {}, unsaved: false },
    proven: {
      ...{ kind: 'proven', order, port: 8765, tls: {}, by: 'first-use' },
      shown: { pin: identity.pin, subject: HOSTILE, validTo: 0 },
    },
  };
}

function adoption(kind: 'unchanged' | 'blocked'): Adoption {
  const about = { device: 'leaf01', site: 'ams1', platform: 'cumulus', role: 'leaf', labels: {} };
  const error = { code: 'X', disposition: 'needs-human', message: HOSTILE, next: HOSTILE, details: {} } as const;
  const size = { lines: 1, characters: 1 };
  return {
    switches: [named(HOSTILE)],
    files: { files: [], kept: [], written: size, apart: size },
    secrets: {
      trees: new Map(),
      values: new Map([['ams1/x', 'canary-value']]),
      encrypted: [],
      hidden: [{ name: 'ams1/y', device: 'leaf01', path: ['a', HOSTILE] }],
    },
    plan: {
      devices: [kind === 'unchanged' ? { ...about, kind } : { ...about, kind, error }],
      ...{ groups: [], removed: [], elsewhere: 0 },
    } as unknown as Adoption['plan'],
  };
}

describe('what people read about an adoption', () => {
  it('shows what switches say of themselves as text, and as nothing else', () => {
    const body = renderAdoptionBody(adoption('unchanged'));

    const outsideCode = body.replaceAll(/(`+)[\s\S]*?\1/g, '');
    for (const text of ['</details>', '@acme', '<!--', '](http', '\u001b', '\u202e'])
      expect(outsideCode).not.toContain(text);
    expect(
      body
        .split('\n')
        .filter((line) => line.startsWith('| '))
        .map((line) => line.split(' | ').length),
    ).toEqual([5, 5, 5]);
    expect(body).toContain('Nobody has compared the certificates of `leaf01`');
    expect(body).not.toContain('canary-value');
  });

  it('moves no cursor on a terminal', () => {
    const text = renderAdoption(adoption('blocked'), { kind: 'nowhere' }, { color: false });

    for (const character of ['\u001b', '\u202e']) expect(text).not.toContain(character);
    expect(text).toMatch(
      /^Not adopted: the first plan for 1 switch of ams1 would not be empty\. Nothing was written\./,
    );
  });
});
