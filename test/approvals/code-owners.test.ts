import { describe, expect, it } from 'vitest';
import { ownersOf, withCodeOwners } from '../../approvals/code-owners.ts';
import { decideApproval } from '../../approvals/decide-approval.ts';
import { renderDecision } from '../../approvals/render-decision.ts';
import type { ApprovalRules } from '../../schemas/fleet.ts';
import { aReview, someEvidence, somePeople } from './build.ts';

const owner = (text: string, path: string) => {
  const found = ownersOf(text, [path]).get(path);
  return [...(found?.teams ?? []), ...(found?.users ?? []), ...(found?.unknown ?? [])];
};

describe('ownersOf()', () => {
  it.each([
    ['* @all', 'any/where.yaml', ['all']],
    ['*.yaml @y', 'a/b.yaml', ['y']],
    ['*.yaml @y', 'a/b.j2', []],
    ['/desired-state/ @net', 'desired-state/devices/ams1/leaf01.yaml', ['net']],
    ['/desired-state/ @net', 'old/desired-state/x.yaml', []],
    ['ams1/ @ams', 'desired-state/devices/ams1/leaf01.yaml', ['ams']],
    ['/docs/* @flat', 'docs/a.md', ['flat']],
    ['/docs/* @flat', 'docs/deep/a.md', []],
    ['docs/** @deep', 'docs/deep/a.md', ['deep']],
    ['**/ams1/*.yaml @a', 'desired-state/devices/ams1/leaf01.yaml', ['a']],
    ['/* @top', 'pointsman.yaml', ['top']],
    ['/* @top', 'desired-state/images.yaml', []],
    ['/Desired-State/ @net', 'desired-state/images.yaml', []],
    ['a\\ b.yaml @space', 'a b.yaml', ['space']],
    ['* @all # and @nobody else', 'x', ['all']],
    ['# * @all', 'x', []],
    ['!x @a', 'x', []],
    ['[xy] @a', 'x', []],
    ['\\#x @a', '#x', []],
    ['* @acme/netops @ada mail@example.com !', 'x', ['acme/netops', 'ada', 'mail@example.com', '!']],
  ])('reads %j for %s', (text, path, expected) => {
    expect(owner(text, path)).toEqual(expected);
  });

  it('lets the last pattern that matches win, also when it names nobody', () => {
    const text = '* @all\n/desired-state/ @net\r\n/desired-state/images.yaml\n';

    expect(owner(text, 'README.md')).toEqual(['all']);
    expect(owner(text, 'desired-state/sites/ams1.yaml')).toEqual(['net']);
    expect(owner(text, 'desired-state/images.yaml')).toEqual([]);
  });

  it('finds nobody where there is no file', () => {
    expect(ownersOf(undefined, ['x']).get('x')).toEqual({ teams: [], users: [], unknown: [] });
  });
});

describe('withCodeOwners()', () => {
  const rules: ApprovalRules = {
    rules: [
      { name: 'owners', approvals: 1, by: { code_owners: true } },
      { name: 'others', approvals: 2, by: { users: ['dora'] } },
    ],
  };
  const CODEOWNERS = '/a/ @ana\n/b/ @acme/noc\n/mail/ someone@example.com\n';

  function decided(paths: readonly string[], ...reviewers: readonly string[]) {
    const [first, ...more] = withCodeOwners({ rules: rules.rules.slice(0, 1) }, ownersOf(CODEOWNERS, paths)).rules;
    const requirements = [first, ...more].flatMap((rule) =>
      rule
        ? [{ rule, name: rule.name, approvals: rule.approvals, teams: rule.by.teams ?? [], users: rule.by.users ?? [] }]
        : [],
    );
    const people = somePeople({ teams: new Map([['acme/noc', { known: true, value: new Set(['bo']) }]]) });
    return decideApproval(
      someEvidence({ requirements, people, reviews: reviewers.map((reviewer) => aReview({ reviewer })) }),
    );
  }

  it('leaves other rules alone', () => {
    expect(withCodeOwners(rules, ownersOf(CODEOWNERS, ['a/x'])).rules.at(-1)).toEqual(rules.rules[1]);
  });

  it('takes the yes of an owner, by name and by team', () => {
    expect(decided(['a/x'], 'ana').kind).toBe('granted');
    expect(decided(['b/x'], 'bo').kind).toBe('granted');
  });

  it('takes nothing from somebody who owns other files', () => {
    expect(decided(['a/x'], 'bo').kind).toBe('waiting');
  });

  it('asks the owners of every file, where they are others', () => {
    expect(decided(['a/x', 'b/y'], 'ana').kind).toBe('waiting');
    expect(decided(['a/x', 'b/y'], 'ana', 'bo').kind).toBe('granted');
  });

  it.each([
    ['nobody owns', 'c/x'],
    ['an e-mail address owns', 'mail/x'],
  ])('cannot be satisfied for a file %s, and says which it is', (_, path) => {
    const decision = decided(['a/x', path], 'ana', 'bo', 'max');

    expect(decision.kind).toBe('waiting');
    expect(renderDecision(decision).join('\n')).toContain(`owners, for ${path}, where CODEOWNERS`);
    expect(renderDecision(decision).join('\n')).toContain('nobody: the rule names no one');
  });

  it('names no one where the changed files are not known', () => {
    expect(withCodeOwners(rules, new Map()).rules[0]?.by).toEqual({ teams: [], users: [] });
  });

  it('counts the people a rule names beside the owners', () => {
    const also: ApprovalRules = { rules: [{ name: 'r', approvals: 1, by: { code_owners: true, users: ['dora'] } }] };

    expect(withCodeOwners(also, ownersOf(CODEOWNERS, ['a/x'])).rules[0]?.by).toEqual({
      teams: [],
      users: ['ana', 'dora'],
    });
  });
});
