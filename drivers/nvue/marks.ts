import type { Change, ChangeMark } from '../../schemas/change.ts';
import type { Tree, TreePath } from '../../schemas/json.ts';
import { MANAGEMENT } from './facts.ts';
import { matchesPattern } from './pattern.ts';
import { nodeAt } from './tree.ts';

interface Rule {
  readonly path: readonly string[];
  readonly kind: ChangeMark['kind'];
  readonly reason: string;
  /** Narrows it: to a kind of change, or to some values. */
  readonly when?: (change: Change, running: Tree) => boolean;
}

const isNoAddition = (change: Change): boolean => change.kind === 'unset' || change.from !== undefined;
const goesDown = (change: Change): boolean =>
  change.path.at(-1) === 'down' || (change.kind === 'set' && change.to === 'down');

/**
 * FRR is restarted, not reloaded, when `/etc/frr/daemons`, the ASN, the default BGP instance or SNMP agentx changes.
 * Source: Cumulus Linux 5.x user guide, "FRRouting".
 */
const DISRUPTIVE: readonly Rule[] = [
  ...[
    ['vrf', '*', 'router', 'bgp', 'autonomous-system'],
    ['router', 'bgp', 'autonomous-system'],
  ].map(
    (path): Rule => ({ path, kind: 'disruptive', reason: 'the BGP ASN changes: FRR restarts', when: isNoAddition }),
  ),
  ...['enable', 'state'].flatMap((leaf): Rule[] => [
    {
      path: ['router', '*', leaf],
      kind: 'disruptive',
      reason: 'a routing daemon starts or stops: FRR restarts',
    },
    {
      path: ['vrf', 'default', 'router', 'bgp', leaf],
      kind: 'disruptive',
      reason: 'the default BGP instance comes or goes: FRR restarts',
    },
    { path: ['service', 'snmp-server', leaf], kind: 'disruptive', reason: 'SNMP agentx is toggled: FRR restarts' },
    { path: ['system', 'snmp-server', leaf], kind: 'disruptive', reason: 'SNMP agentx is toggled: FRR restarts' },
  ]),
  { path: ['**', 'agentx', '**'], kind: 'disruptive', reason: 'SNMP agentx is toggled: FRR restarts' },
  { path: ['system', 'api', '**'], kind: 'disruptive', reason: 'the API restarts in the middle of the change' },
  {
    path: ['interface', '*', 'link', 'state', '**'],
    kind: 'disruptive',
    reason: 'a link is shut down',
    when: (change) => change.kind === 'set' && goesDown(change),
  },
  {
    path: ['interface', '*', 'link', 'breakout', '**'],
    kind: 'disruptive',
    reason: 'the port is broken out anew: its links go down',
  },
];

const MANAGING: readonly Rule[] = [
  { path: ['interface', MANAGEMENT.interface, '**'], kind: 'management', reason: 'touches the management interface' },
  { path: ['vrf', MANAGEMENT.vrf, '**'], kind: 'management', reason: 'touches the management VRF and its routes' },
  { path: ['system', 'api', '**'], kind: 'management', reason: 'touches the API we speak to' },
  { path: ['system', 'aaa', '**'], kind: 'management', reason: 'touches who may log in' },
  { path: ['system', 'ssh-server', '**'], kind: 'management', reason: 'touches SSH access' },
  { path: ['service', 'ssh-server', '**'], kind: 'management', reason: 'touches SSH access' },
  {
    path: ['system', 'control-plane', 'acl', '**'],
    kind: 'management',
    reason: 'touches what may reach the switch itself',
  },
  {
    path: ['acl', '*', '**'],
    kind: 'management',
    reason: 'touches an ACL that guards the switch itself',
    when: ({ path }, running) => guardsManagement(path, running),
  },
];

/** What a change does beyond itself. Both kinds may hold; each reason is given once. */
export function markChange(change: Change, running: Tree): readonly ChangeMark[] {
  const marks = new Map<string, ChangeMark>();
  for (const { path, kind, reason, when } of [...MANAGING, ...DISRUPTIVE]) {
    if (!matchesPattern(change.path, path) || when?.(change, running) === false) continue;
    marks.set(`${kind} ${reason}`, { kind, reason });
  }
  return [...marks.values()];
}

function guardsManagement(path: TreePath, running: Tree): boolean {
  const name = path[1] ?? '';
  return [
    ['system', 'control-plane', 'acl', name],
    ['interface', MANAGEMENT.interface, 'acl', name],
  ].some((binding) => nodeAt(running, binding) !== undefined);
}
