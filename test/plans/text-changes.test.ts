import { describe, expect, it } from 'vitest';
import { createFingerprint } from '../../plans/fingerprint.ts';
import { renderChange, renderPath } from '../../plans/render-change.ts';

const FRR = '/etc/frr/frr.conf';

describe('a change of lines of text', () => {
  it('reads as the line that comes or goes, below its sections', () => {
    const path = [FRR, 'router bgp 65001', 'address-family ipv4 unicast', 'redistribute connected'];

    expect(renderChange({ kind: 'set', path, to: {} })).toEqual([
      '+ frr.conf: router bgp 65001 > address-family ipv4 unicast > redistribute connected',
    ]);
    expect(renderChange({ kind: 'unset', path, from: {} })).toEqual([
      '- frr.conf: router bgp 65001 > address-family ipv4 unicast > redistribute connected',
    ]);
  });

  it('shows of a secret at the end of a line that it becomes another', () => {
    const fingerprint = createFingerprint('a key that is long enough to be one');
    const path = [FRR, 'router bgp 65001', 'neighbor swp51 password', '<secret>'];

    const lines = renderChange({ kind: 'set', path, from: fingerprint('old'), to: fingerprint('new') });

    expect(lines).toEqual([
      `- frr.conf: router bgp 65001 > neighbor swp51 password ${fingerprint('old')}`,
      `+ frr.conf: router bgp 65001 > neighbor swp51 password ${fingerprint('new')}`,
    ]);
  });

  it('shows what the eye would miss', () => {
    expect(renderPath([FRR, 'interface swp1', 'description a\u202eb'])).toBe(
      'frr.conf: interface swp1 > description a⟨U+202E⟩b',
    );
  });
});
