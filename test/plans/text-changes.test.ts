import { describe, expect, it } from 'vitest';
import { EVERYTHING } from '../../plans/comment-detail.ts';
import { createFingerprint } from '../../plans/fingerprint.ts';
import type { PlannedChange } from '../../plans/plan.ts';
import { renderChange, renderPath } from '../../plans/render-change.ts';
import { renderDiff } from '../../plans/render-diff.ts';

const FRR = '/etc/frr/frr.conf';

const section = [FRR, 'router bgp 65001'];
const added = (...path: string[]): PlannedChange => ({ change: { kind: 'set', path, to: {} }, marks: [] });

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

  it('stands in a diff below the sections it is in, as in its file', () => {
    const secret = 'neighbor swp51 password';
    const changes: readonly PlannedChange[] = [
      added(...section, 'address-family ipv4 unicast', 'redistribute connected'),
      added(...section, 'bgp router-id 10.0.0.1'),
      { change: { kind: 'set', path: [...section, secret, '<secret>'], from: 'old', to: 'new' }, marks: [] },
      { change: { kind: 'unset', path: [FRR, 'log file x'], from: {} }, marks: [] },
      {
        change: { kind: 'unset', path: ['/etc/network/interfaces', 'iface swp1', 'mtu 9216'], from: {} },
        marks: [{ kind: 'disruptive', reason: 'it flaps' }],
        origin: 'desired-state/templates/i.j2:3',
      },
    ];

    expect(renderDiff({ changes }, EVERYTHING).lines).toEqual([
      '# /etc/network/interfaces',
      ' iface swp1',
      '! disruptive: it flaps',
      '- mtu 9216  # templates/i.j2:3',
      '# /etc/frr/frr.conf',
      ' router bgp 65001',
      '  address-family ipv4 unicast',
      '+  redistribute connected',
      '+ bgp router-id 10.0.0.1',
      '- neighbor swp51 password old',
      '+ neighbor swp51 password new',
      '-log file x',
    ]);
  });

  it('counts the sections among the lines a long diff leaves out', () => {
    const changes = Array.from({ length: 40 }, (_, index) => added(FRR, `route-map M permit ${index}`, 'set metric 1'));

    const { lines, hiddenLines } = renderDiff({ changes }, { ...EVERYTHING, diffLines: 10 });

    expect(lines.length - 1 + hiddenLines).toBe(1 + 2 * 40);
  });

  it('shows what the eye would miss', () => {
    expect(renderPath([FRR, 'interface swp1', 'description a\u202eb'])).toBe(
      'frr.conf: interface swp1 > description a⟨U+202E⟩b',
    );
  });
});
