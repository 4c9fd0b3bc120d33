import type { Change, ChangeMark } from '../../schemas/change.ts';
import type { Tree } from '../../schemas/json.ts';
import { FILES, MANAGEMENT, NEIGHBOR_MAKERS } from './facts.ts';
import { nodeAt } from './tree.ts';

interface Rule {
  readonly file: string;
  readonly kind: ChangeMark['kind'];
  readonly reason: string;
  readonly when: (line: LineChange) => boolean;
  /** Only where the section runs already: what is made for the first time resets nothing. */
  readonly ofRunning?: true;
}

interface LineChange {
  readonly change: Change;
  /** The sections and the line, outermost first. */
  readonly lines: readonly string[];
  /** The line itself. */
  readonly line: string;
}

const goes = ({ change }: LineChange): boolean => change.kind === 'unset';
const begins = (form: RegExp) => (given: LineChange) => form.test(given.lines[0] ?? '');
const isLine = (form: RegExp) => (given: LineChange) => given.lines.some((line) => form.test(line));
const all =
  (...conditions: readonly ((given: LineChange) => boolean)[]) =>
  (given: LineChange) =>
    conditions.every((condition) => condition(given));

const managed = MANAGEMENT.interfaces.join('|');

/**
 * What `frr-reload.py` does on the way. Source: its code, and the incidents in peers reference 2.21: lists are emptied before
 * they are filled anew, neighbours are made anew, timers bounce sessions.
 */
const RULES: readonly Rule[] = [
  {
    file: FILES.frr,
    kind: 'disruptive',
    reason: 'the BGP instance goes or is made anew: all of its sessions end',
    when: all(goes, ({ lines }) => lines.length === 1, begins(/^router bgp /)),
  },
  {
    file: FILES.frr,
    kind: 'disruptive',
    reason: 'a BGP neighbour or a peer group is taken away or made anew: its sessions end',
    when: all(goes, begins(/^router bgp /), ({ line }) => NEIGHBOR_MAKERS.test(line)),
  },
  {
    file: FILES.frr,
    kind: 'disruptive',
    reason: 'the session of a BGP neighbour is reset',
    ofRunning: true,
    when: all(
      begins(/^router bgp /),
      isLine(/^(?:bgp router-id|neighbor \S+ (?:password|shutdown|update-source|local-as|ebgp-multihop|remote-as))\b/),
    ),
  },
  {
    file: FILES.frr,
    kind: 'disruptive',
    reason: 'a route map loses a line: while it is changed, routes may be let through or held back',
    when: all(goes, begins(/^route-map /)),
  },
  {
    file: FILES.frr,
    kind: 'disruptive',
    reason: 'a list loses a line: while it is changed, routes may be let through or held back',
    when: all(
      goes,
      begins(/^(?:(?:ip|ipv6) prefix-list|(?:ip |ipv6 |mac )?access-list|bgp \S*(?:community-list|access-list))\b/),
    ),
  },
  {
    file: FILES.frr,
    kind: 'disruptive',
    reason: 'BFD is changed: its sessions, and what rests on them, may go down for a moment',
    ofRunning: true,
    when: isLine(/(?:^bfd$|\bbfd\b)/),
  },
  {
    file: FILES.frr,
    kind: 'disruptive',
    reason: 'a router instance goes: its neighbours are lost',
    when: all(goes, ({ lines }) => lines.length === 1, begins(/^router (?!bgp )/)),
  },
  {
    file: FILES.frr,
    kind: 'disruptive',
    reason: 'a link is shut down',
    when: all(
      ({ change }) => change.kind === 'set',
      begins(/^interface /),
      ({ line }) => line === 'shutdown',
    ),
  },
  {
    file: FILES.frr,
    kind: 'management',
    reason: 'touches the management interface',
    when: begins(new RegExp(`^interface (?:${managed})$`)),
  },
  {
    file: FILES.frr,
    kind: 'management',
    reason: 'touches the management VRF and its routes',
    when: begins(new RegExp(`^vrf ${MANAGEMENT.vrf}$`)),
  },
  {
    file: FILES.frr,
    kind: 'management',
    reason: 'touches a default route or a route into nowhere',
    when: isLine(
      /^(?:no )?(?:ip route (?:0\.0\.0\.0\/0 |.*\b(?:blackhole|Null0|reject)\b)|ipv6 route (?:::\/0 |.*\b(?:blackhole|Null0|reject)\b))/,
    ),
  },
  {
    file: FILES.frr,
    kind: 'management',
    reason: 'touches who may log in to the routing daemons',
    when: begins(/^(?:line vty|(?:enable )?password|username )/),
  },
  {
    file: FILES.interfaces,
    kind: 'management',
    reason: 'touches the management interface',
    when: begins(new RegExp(`^(?:auto|allow-\\S+|iface) (?:.* )?(?:${managed})(?: |$)`)),
  },
  {
    file: FILES.interfaces,
    kind: 'disruptive',
    reason: 'an interface goes down or is made anew',
    when: all(goes, begins(/^(?:auto|iface) /)),
  },
  {
    file: FILES.interfaces,
    kind: 'disruptive',
    reason: 'an interface is switched off',
    when: isLine(/^link-down yes$/),
  },
];

/** What a change does beyond itself. Both kinds may hold; each reason is given once. */
export function markChange(change: Change, running: Tree): readonly ChangeMark[] {
  const [file, ...lines] = change.path;
  const given: LineChange = { change, lines, line: lines.at(-1) ?? '' };
  const runs = nodeAt(running, change.path.slice(0, 2)) !== undefined;
  const marks = new Map<string, ChangeMark>();
  for (const rule of RULES) {
    if (rule.file !== file || (rule.ofRunning && !runs) || !rule.when(given)) continue;
    marks.set(`${rule.kind} ${rule.reason}`, { kind: rule.kind, reason: rule.reason });
  }
  return [...marks.values()];
}
