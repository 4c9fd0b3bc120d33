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
  const neighbors = await readOperational(talk, paths.bgpNeighbors, signal);
  const mlag = await readOperational(talk, paths.mlag, signal);
  return [
    ...(system ? [systemProbe(system)] : []),
    ...sorted(interfaces).flatMap(([name, link]) => linkProbes(name, link)),
    ...sorted(neighbors).map(([name, neighbor]) => bgpProbe(name, neighbor)),
    ...(mlag ? mlagProbes(mlag) : []),
  ].map((probe) => ({ ...probe, found: talk.redactor.text(probe.found) }));
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
  const issues = Object.keys(treeAt(health, ['issues']));
  return { name: 'system-health', ok: status === 'OK', found: [status, ...issues].join('; ') };
}

/** Links that are switched off are left out: nobody expects them up. */
function linkProbes(name: string, link: Tree): readonly Probe[] {
  const probes: Probe[] = [];
  const state = operState(link);
  if (state !== undefined && nodeAt(link, ['link', 'admin-status']) !== 'down') {
    probes.push({ name: `interface ${name}`, ok: state === 'up', found: state });
  }
  const neighbor = youngest(treeAt(link, ['lldp', 'neighbor']));
  if (neighbor) {
    const system = nodeAt(neighbor, ['chassis', 'system-name']);
    const port = nodeAt(neighbor, ['port', 'name']) ?? nodeAt(neighbor, ['port', 'description']);
    probes.push({
      name: `lldp ${name}`,
      ok: true,
      found: `${String(system ?? 'unnamed')} ${String(port ?? '')}`.trim(),
    });
  }
  return probes;
}

/** `oper-status` from 5.11 on; before, `state` is a map with the state as its only key. */
function operState(link: Tree): string | undefined {
  const status = nodeAt(link, ['link', 'oper-status']);
  if (typeof status === 'string') return status;
  const state = nodeAt(link, ['link', 'state']);
  return typeof state === 'string' ? state : Object.keys(isTree(state) ? state : {})[0];
}

/** Stale neighbours linger after a cable was moved: the smallest age is the real one. */
function youngest(neighbors: Tree): Tree | undefined {
  const age = (neighbor: Tree) => Number(neighbor['age'] ?? Number.POSITIVE_INFINITY);
  return Object.values(neighbors)
    .filter(isTree)
    .sort((a, b) => age(a) - age(b))[0];
}

function bgpProbe(name: string, neighbor: Tree): Probe {
  const state = String(neighbor['state'] ?? 'no state');
  return { name: `bgp ${name}`, ok: state.toLowerCase() === 'established', found: state };
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
