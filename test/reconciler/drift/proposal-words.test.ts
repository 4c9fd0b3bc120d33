import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PullRequest } from '../../../forge/forge.ts';
import { doneAbout, renderDriftIssue } from '../../../reconciler/drift/drift-issue.ts';
import { proposalBody, proposalBranch, proposalOf, proposalTitle } from '../../../reconciler/drift/proposal-words.ts';
import { finding } from './build.ts';

const golden = (name: string) => join(import.meta.dirname, 'golden', name);
const HOSTILE = 'eve | @acme/netops <!-- --> closes #1\n## Approved `x`';

const many = finding('0a1b2c3d4e5f', {
  devices: ['leaf01', 'leaf02'],
  by: ['cumulus', HOSTILE],
  changes: [
    { path: ['system', 'message', 'pre-login'], running: `by hand\n\`\`\`\n${HOSTILE}` },
    { path: ['interface', 'swp1', 'link', 'mtu'], intended: 9216, running: 1500 },
    { path: ['service', 'ntp'], intended: {} },
  ],
  more: 2,
});
const left = [
  {
    device: 'leaf02',
    path: ['system', 'snmp-server', HOSTILE],
    why: 'It is a secret, and the fleet repo only names secrets.',
    next: 'Refer to it by hand with { secret: <name> }, or take the change back on the switch.',
  },
  { device: 'leaf03', why: `It could not be asked: ${HOSTILE}.`, next: 'Look at it.' },
];

describe('what people read about drift', () => {
  it('says in a pull request what differs, what merging does, and how to choose the other way', async () => {
    await expect(proposalBody(many, 'revert')).toMatchFileSnapshot(golden('revert.md'));
    await expect(proposalBody(many, 'adopt', left)).toMatchFileSnapshot(golden('adopt.md'));
  });

  it('names in a title what differs, so that titles can be told apart', () => {
    const title = (...paths: readonly string[][]) => {
      const changes = paths.map((path) => ({ path, running: 1 }));
      return proposalTitle(finding('0a1b2c3d4e5f', { devices: ['leaf01', 'leaf02'], changes }), 'revert');
    };

    expect(title(['system', 'timezone'])).toBe('Take back system timezone changed by hand on 2 switches');
    expect(title(['interface', 'swp1', 'link', 'mtu'], ['interface', 'swp1', 'type'])).toBe(
      'Take back 2 settings below interface swp1 changed by hand on 2 switches',
    );
    expect(title(['service', 'ntp'], ['system', 'timezone'])).toContain('Take back 2 settings changed');
    expect(proposalTitle(finding('0a1b2c3d4e5f'), 'adopt')).toBe(
      'Keep system message pre-login changed by hand on leaf01',
    );
  });

  it.each(['closes #1', 'gh-1', '#1', '@acme', 'https://github.com/acme/fleet/issues/1', 'A', ''])(
    'names no setting in a title that could mean something there: %j',
    (key) => {
      const changes = [{ path: ['system', key, 'x'], running: 1 }];
      expect(proposalTitle(finding('0a1b2c3d4e5f', { changes }), 'revert')).toBe(
        'Take back 1 setting below system changed by hand on leaf01',
      );
    },
  );

  it('counts many switches in a row of the issue, and names them where it shows what differs', () => {
    const devices = Array.from({ length: 50 }, (_, index) => `leaf${String(index + 1).padStart(2, '0')}`);
    const body = renderDriftIssue([{ finding: finding('0a1b2c3d4e5f', { devices }), state: 'reported only' }])?.body;

    expect(body).toContain('| 50: `leaf01` … `leaf50` |');
    expect(body).toMatch(/^`0a1b2c3d4e5f` on `leaf01`, .*`leaf40` and 10 more$/m);
  });

  it('lists every finding in the issue, and is the same text when nothing is new', async () => {
    const shown = [
      {
        finding: many,
        state: 'to be taken back:',
        pullRequest: { number: 7, url: 'https://github.com/acme/fleet/pull/7' },
      },
      { finding: finding('ffffffffffff', { policy: 'report' }), state: 'reported only' },
    ];

    await expect(renderDriftIssue(shown)?.body).toMatchFileSnapshot(golden('issue.md'));
    expect(renderDriftIssue([])).toBeUndefined();
  });

  it('says in a row by which rule something is taken back, or why not, and lets no name out of its place', () => {
    const enforced = {
      by: `rule "${HOSTILE}" of automation.yaml at 0123456`,
      run: 'configurationdeploy-by-drift-0a1b2c3d4e5f-20261126t0200z',
      url: 'https://github.com/acme/fleet/blob/pointsman/ledger/runs/2026/11/x/README.md',
    };
    const pullRequest = { number: 7, url: 'https://github.com/acme/fleet/pull/7' };
    const state = 'to be taken back:';
    const cells = [
      doneAbout({ finding: many, state, enforced }),
      doneAbout({ finding: many, state, pullRequest, notEnforced: `it is outside "${HOSTILE}"` }),
    ];

    expect(cells[0]).toMatch(
      /^taken back by rule .* of .*automation\.yaml.* at .*0123456.*, run \[`configurationdeploy-by-drift/,
    );
    expect(cells[1]).toMatch(/^to be taken back: \[#7\].*; not taken back by itself: it is outside/);
    for (const cell of cells) {
      expect(cell).not.toContain('|');
      expect(cell.replaceAll(/(`+)[^`][\s\S]*?\1/g, '')).not.toMatch(/@acme|closes #1|## Approved|<!--/);
    }
  });

  it('lets no text of a switch out of its place', () => {
    const texts = [
      proposalBody(many, 'adopt', left),
      renderDriftIssue([{ finding: many, state: 'reported only' }])?.body ?? '',
    ];
    for (const text of texts) {
      const outside = text.replaceAll(/^(`{3,})[^\n]*\n[\s\S]*?\n\1$/gm, '').replaceAll(/(`+)[^`][\s\S]*?\1/g, '');
      expect(outside).not.toMatch(/@acme|closes #1|## Approved/);
    }
  });

  it('knows its own pull requests by their branch in the fleet repo, and nobody else’s', () => {
    const settings = { forge: { kind: 'github', repository: 'acme/fleet' } } as const;
    const from = (branch: string, repository?: string) =>
      proposalOf({ number: 7, head: { commit: 'c', branch, repository } } as PullRequest, settings);

    expect(from(proposalBranch('0a1b2c3d4e5f', 'adopt'), 'acme/fleet')).toEqual({
      id: '0a1b2c3d4e5f',
      way: 'adopt',
      pullRequest: 7,
    });
    expect(from(proposalBranch('0a1b2c3d4e5f', 'adopt'), 'eve/fleet')).toBeUndefined();
    expect(from('pointsman/drift/0a1b2c3d4e5f-other', 'acme/fleet')).toBeUndefined();
  });
});
