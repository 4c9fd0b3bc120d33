import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PullRequest } from '../../../forge/forge.ts';
import { renderDriftIssue } from '../../../reconciler/drift/drift-issue.ts';
import { proposalBody, proposalBranch, proposalOf } from '../../../reconciler/drift/proposal-words.ts';
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
