import { isTree, type Tree } from '../../schemas/json.ts';
import type { Probe } from '../driver.ts';
import { ReplyUnreadableError } from '../errors.ts';
import type { Conversation } from './conversation.ts';
import { paths } from './facts.ts';
import { compareKeys, nodeAt, treeAt } from './tree.ts';

/**
 * What the switch says of itself, its links and its neighbours, now. Facts, not verdicts: a link that is down now may
 * have been down before, so callers compare with the probes from before a change.
 */
export async function readHealth(talk: Conversation, signal: AbortSignal): Promise<readonly Probe[]> {
  const system = await readOperational(talk, paths.health, signal);
  const interfaces = await readOperational(talk, paths.interfaces, signal);
  const vrfs = await readOperational(talk, paths.bgpNeighbors, signal);
  const mlag = await readOperational(talk, paths.mlag, signal);
  return [
    ...(system ? [systemProbe(system)] : []),
    ...sorted(interfaces).flatMap(([name, link]) => linkProbes(name, link)),
    ...sorted(vrfs).flatMap(([name, vrf]) => bgpProbes(name, vrf)),
    ...(mlag ? mlagProbes(mlag) : []),
  ].map(({ others, ...probe }) => ({
    ...probe,
    found: talk.redactor.text(probe.found),
    ...(others ? { others: others.map((words) => talk.redactor.text(words)) } : {}),
  }));
}

/** @returns `undefined` for a 404: the feature is off. */
async function readOperational(talk: Conversation, path: string, signal: AbortSignal): Promise<Tree | undefined> {
  const { status, json } = await talk.http.get(path, signal);
  if (status === 404) return undefined;
  if (isTree(json)) return json;
  throw new ReplyUnreadableError({
    device: talk.device,
    request: `GET ${path}`,
    expected: 'a map',
    found: 'something else',
  });
}

function systemProbe(health: Tree): Probe {
  const status = String(health['status'] ?? 'no status');
  const issues = Object.entries(treeAt(health, ['issues'])).map(([name, issue]) => issueInWords(name, issue));
  return { name: 'system-health', ok: status === 'OK', found: [status, ...issues].join('; ') };
}

/** Issues are named for the part they are about, or only counted. */
function issueInWords(name: string, issue: unknown): string {
  const words = isTree(issue) ? issue['issue'] : issue;
  if (typeof words !== 'string') return name;
  return /^\d+$/.test(name) ? words : `${name}: ${words}`;
}

/** Links that are switched off are left out: nobody expects them up. */
function linkProbes(name: string, link: Tree): readonly Probe[] {
  const state = operState(link);
  const expectedUp = state !== undefined && nodeAt(link, ['link', 'admin-status']) !== 'down';
  return [
    ...(expectedUp ? [{ name: `interface ${name}`, ok: state === 'up', found: state }] : []),
    ...lldpProbes(name, treeAt(link, ['lldp', 'neighbor'])),
  ];
}

/** `oper-status` from 5.11 on; before, `state` is a map with the state as its only key. */
function operState(link: Tree): string | undefined {
  const status = nodeAt(link, ['link', 'oper-status']);
  if (typeof status === 'string') return status;
  const state = nodeAt(link, ['link', 'state']);
  return typeof state === 'string' ? state : Object.keys(isTree(state) ? state : {})[0];
}

/**
 * Stale neighbours linger after a cable was moved: the smallest age is the real one. The others are kept beside it, because
 * a server speaks LLDP twice on one port (its adapter and its system), and which of the two is younger is chance.
 */
function lldpProbes(name: string, neighbors: Tree): readonly Probe[] {
  const [youngest, ...others] = Object.values(neighbors)
    .filter(isTree)
    .sort((a, b) => ageOf(a) - ageOf(b))
    .map(neighborInWords);
  if (youngest === undefined) return [];
  return [{ name: `lldp ${name}`, ok: true, found: youngest, ...(others.length > 0 ? { others } : {}) }];
}

function ageOf({ age }: Tree): number {
  const seconds = Number(age ?? Number.NaN);
  return Number.isNaN(seconds) ? Number.MAX_SAFE_INTEGER : seconds;
}

function neighborInWords(neighbor: Tree): string {
  const system = nodeAt(neighbor, ['chassis', 'system-name']) ?? nodeAt(neighbor, ['chassis', 'chassis-id']);
  const port = nodeAt(neighbor, ['port', 'name']) ?? nodeAt(neighbor, ['port', 'description']);
  return `${String(system ?? 'unnamed')} ${String(port ?? '')}`.trim();
}

/** Peers of the default VRF go by their name alone, as people call them. */
function bgpProbes(vrf: string, shown: Tree): readonly Probe[] {
  const within = vrf === 'default' ? '' : `${vrf} `;
  return sorted(treeAt(shown, ['router', 'bgp', 'neighbor'])).map(([name, neighbor]) => {
    const state = String(neighbor['state'] ?? 'no state');
    return { name: `bgp ${within}${name}`, ok: state.toLowerCase() === 'established', found: state };
  });
}

function mlagProbes(mlag: Tree): readonly Probe[] {
  const alive = mlag['peer-alive'];
  if (alive === undefined) return [];
  return [
    {
      name: 'mlag-peer',
      ok: ['true', 'on', 'yes', 'up'].includes(String(alive).toLowerCase()),
      found: `peer-alive ${String(alive)}`,
    },
  ];
}

function sorted(map: Tree | undefined): readonly (readonly [string, Tree])[] {
  return Object.entries(map ?? {})
    .filter((entry): entry is [string, Tree] => isTree(entry[1]))
    .sort(([a], [b]) => compareKeys(a, b));
}
