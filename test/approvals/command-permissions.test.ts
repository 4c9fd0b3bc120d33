import { describe, expect, it } from 'vitest';
import type { Known } from '../../approvals/approval.ts';
import { type Asker, type CommandScope, mayCommand, teamsAsked } from '../../approvals/command-permissions.ts';
import type { Permissions, PermittedVerb } from '../../schemas/fleet.ts';

const scope: CommandScope = { workflow: 'ConfigurationDeploy', sites: { known: true, value: new Set(['ams1']) } };
const unknown = { known: false, why: 'the forge did not answer' } as const;

function somebody(permission: Known<string> | string, teams: Asker['teams'] = new Map()): Asker {
  return {
    login: 'Ada',
    permission: typeof permission === 'string' ? { known: true, value: permission } : permission,
    teams,
  };
}
const oncall = new Map([['acme/oncall', { known: true as const, value: new Set(['ada']) }]]);
const rules = (...all: Permissions['rules']): Permissions => ({ rules: all });

describe('mayCommand() without permissions.yaml', () => {
  const WRITE: readonly PermittedVerb[] = ['plan', 'explain', 'help'];
  const MAINTAIN: readonly PermittedVerb[] = ['plan_fork', 'pause', 'resume', 'terminate', 'retry'];
  const permissions = ['none', 'read', 'triage', 'write', 'maintain', 'admin'];
  const table = [
    ...WRITE.flatMap((verb) => permissions.map((permission, rank) => ({ verb, permission, may: rank >= 3 }))),
    ...MAINTAIN.flatMap((verb) => permissions.map((permission, rank) => ({ verb, permission, may: rank >= 4 }))),
  ];

  it.each(table)('$verb with $permission: $may', ({ verb, permission, may }) => {
    expect(mayCommand(verb, somebody(permission), scope, undefined).kind).toBe(may ? 'permitted' : 'refused');
  });

  it.each([...WRITE, ...MAINTAIN])('refuses %s where the permission cannot be read, or is none we know', (verb) => {
    expect(mayCommand(verb, somebody(unknown), scope, undefined)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('could not be read: the forge did not answer'),
    });
    expect(mayCommand(verb, somebody('owner'), scope, undefined).kind).toBe('refused');
  });
});

describe('mayCommand() with permissions.yaml', () => {
  it('lets a team do what its rule names, with less permission than the default', () => {
    const file = rules({ name: 'on-call', commands: ['terminate'], by: { teams: ['acme/oncall'] } });

    expect(mayCommand('terminate', somebody('write', oncall), scope, file)).toEqual({
      kind: 'permitted',
      by: 'on-call',
    });
    expect(mayCommand('terminate', somebody('write'), scope, file)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('members of acme/oncall could not be read'),
    });
  });

  it('takes what a rule names away from everybody else, and leaves the rest as it is', () => {
    const file = rules({ name: 'only dora', commands: ['terminate'], by: { users: ['dora'] } });

    expect(mayCommand('terminate', somebody('admin'), scope, file)).toEqual({
      kind: 'refused',
      why: 'by "only dora", it does not name this person',
    });
    expect(mayCommand('pause', somebody('maintain'), scope, file).kind).toBe('permitted');
  });

  it('asks for the permission as well, so that who left the repository has no say by name', () => {
    const file = rules({ name: 'ada', commands: ['pause'], by: { users: ['ADA'] } });

    expect(mayCommand('pause', somebody('write'), scope, file).kind).toBe('permitted');
    expect(mayCommand('pause', somebody('read'), scope, file).kind).toBe('refused');
    expect(mayCommand('pause', somebody(unknown), scope, file).kind).toBe('refused');
  });

  it('takes the lesser permission a rule names', () => {
    const file = rules({ name: 'all', commands: ['explain'], permission: 'read' });

    expect(mayCommand('explain', somebody('read'), scope, file).kind).toBe('permitted');
    expect(mayCommand('explain', somebody('none'), scope, file).kind).toBe('refused');
  });

  it('is satisfied by one of several rules', () => {
    const file = rules(
      { name: 'dora', commands: ['pause'], by: { users: ['dora'] } },
      { name: 'ada', commands: ['pause'], by: { users: ['ada'] } },
    );

    expect(mayCommand('pause', somebody('write'), scope, file)).toEqual({ kind: 'permitted', by: 'ada' });
  });

  it.each([
    ['one of the sites', new Set(['ams1']), 'permitted'],
    ['a site beside them', new Set(['ams1', 'lon1']), 'refused'],
    ['no site at all', new Set<string>(), 'permitted'],
  ])('limits a rule to sites: %s', (_, sites, kind) => {
    const file = rules({ name: 'ams', commands: ['pause'], when: { sites: ['ams1', 'ams2'] } });

    expect(mayCommand('pause', somebody('write'), { ...scope, sites: { known: true, value: sites } }, file).kind).toBe(
      kind,
    );
  });

  it('refuses by a rule for some sites where they are not known', () => {
    const file = rules({ name: 'ams', commands: ['plan'], when: { sites: ['ams1'] } });

    expect(mayCommand('plan', somebody('admin'), { ...scope, sites: unknown }, file)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('which ones this is about is not known'),
    });
  });

  it('limits a rule to workflows', () => {
    const file = rules({ name: 'upgrades', commands: ['pause'], when: { workflows: ['OsUpgrade'] } });

    expect(mayCommand('pause', somebody('admin'), scope, file)).toMatchObject({ kind: 'refused' });
  });

  it('says which teams have to be read, and no more', () => {
    const file = rules(
      { name: 'a', commands: ['pause', 'resume'], by: { teams: ['acme/oncall'] } },
      { name: 'b', commands: ['help'], by: { teams: ['acme/all'] } },
    );

    expect(teamsAsked(file, ['resume'])).toEqual(['acme/oncall']);
    expect(teamsAsked(file, ['plan'])).toEqual([]);
    expect(teamsAsked(undefined, ['plan'])).toEqual([]);
  });
});
