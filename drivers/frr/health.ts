import { isTree, type Json, type Tree } from '../../schemas/json.ts';
import type { Probe } from '../driver.ts';
import { ReplyUnreadableError } from '../errors.ts';
import type { Conversation } from './conversation.ts';
import { askHelper, type Reply } from './helper.ts';
import { compareKeys, treeAt } from './tree.ts';

/**
 * What the switch says of FRR, its links and its neighbours, now. Facts, not verdicts: a link that is down now may have been
 * down before, so callers compare with the probes from before a change.
 */
export async function readHealth(talk: Conversation, signal: AbortSignal): Promise<readonly Probe[]> {
  const reply = await askHelper(talk, ['health'], {}, signal);
  const missing = (reply.get('missing') ?? '').trim();
  const read = (name: string): Json => readJson(talk, reply, name, missing !== '');
  return [
    {
      name: 'system-health',
      ok: missing === '',
      found: missing === '' ? 'the daemons of FRR answer' : `not there: ${missing}`,
    },
    ...linkProbes(read('links')),
    ...lldpProbes(read('lldp')),
    ...bgpProbes(read('bgp')),
    ...ospfProbes(read('ospf')),
  ].map(({ others, ...probe }) => ({
    ...probe,
    found: talk.redactor.text(probe.found),
    ...(others ? { others: others.map((words) => talk.redactor.text(words)) } : {}),
  }));
}

/** Nothing at all stands for a feature that is off or a daemon that is not there; anything else must be JSON. */
function readJson(talk: Conversation, reply: Reply, name: string, daemonsMissing: boolean): Json {
  const text = (reply.get(name) ?? '').trim();
  if (text === '') return {};
  try {
    return JSON.parse(text) as Json;
  } catch {
    if (daemonsMissing || text.startsWith('%') || /is not running/.test(text)) return {};
    const request = `pointsman-switch health (${name})`;
    throw new ReplyUnreadableError({ device: talk.device, request, expected: 'JSON', found: 'something else' });
  }
}

/** Links that are switched off are left out: nobody expects them up. */
function linkProbes(links: Json): readonly Probe[] {
  return listOf(links)
    .filter((link) => listOfText(link['flags']).includes('UP') && link['link_type'] !== 'loopback')
    .map((link): Probe => {
      const state = String(link['operstate'] ?? 'UNKNOWN').toLowerCase();
      // Drivers of some virtual links do not tell; a carrier is what counts.
      const ok = state === 'up' || (state === 'unknown' && listOfText(link['flags']).includes('LOWER_UP'));
      return { name: `interface ${String(link['ifname'])}`, ok, found: ok ? 'up' : state };
    })
    .sort((a, b) => compareKeys(a.name, b.name));
}

/** Of several neighbours of one port the youngest counts; the others are kept beside it. */
function lldpProbes(shown: Json): readonly Probe[] {
  const seen = new Map<string, { readonly age: number; readonly found: string }[]>();
  for (const link of listOf(shown).length > 0
    ? []
    : listOf(first(isTree(shown) ? shown['lldp'] : undefined)['interface'])) {
    const name = String(link['name'] ?? '');
    const found = `${neighborName(link)} ${portName(link)}`.trim();
    seen.set(name, [...(seen.get(name) ?? []), { age: ageOf(String(link['age'] ?? '')), found }]);
  }
  return [...seen]
    .sort(([a], [b]) => compareKeys(a, b))
    .map(([name, neighbors]) => {
      const [youngest, ...others] = neighbors.sort((a, b) => a.age - b.age).map(({ found }) => found);
      return { name: `lldp ${name}`, ok: true, found: youngest ?? '', ...(others.length > 0 ? { others } : {}) };
    });
}

function neighborName(link: Tree): string {
  const chassis = first(link['chassis']);
  return textOf(chassis['name']) ?? textOf(chassis['id']) ?? 'unnamed';
}

function portName(link: Tree): string {
  const port = first(link['port']);
  const id = first(port['id']);
  return (
    (id['type'] === 'ifname' ? textOf(port['id']) : undefined) ?? textOf(port['descr']) ?? textOf(port['id']) ?? ''
  );
}

/** `0 day, 00:00:05`. */
function ageOf(text: string): number {
  const [, days, hours, minutes, seconds] = /^(\d+) days?, (\d+):(\d+):(\d+)$/.exec(text) ?? [];
  if (days === undefined) return Number.MAX_SAFE_INTEGER;
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
}

/** Of every VRF; peers of the default one go by their name alone, as people call them. One session may serve several address families. */
function bgpProbes(shown: Json): readonly Probe[] {
  const probes = new Map<string, Probe>();
  for (const [vrf, families] of treesIn(shown)) {
    for (const [, family] of treesIn(families)) {
      for (const [peer, state] of treesIn(treeAt(family, ['peers']))) {
        const name = `bgp ${within(vrf)}${peer}`;
        const found = String(state['state'] ?? 'no state');
        if (!probes.has(name)) probes.set(name, { name, ok: found === 'Established', found });
      }
    }
  }
  return [...probes.values()].sort((a, b) => compareKeys(a.name, b.name));
}

function ospfProbes(shown: Json): readonly Probe[] {
  const probes: Probe[] = [];
  for (const [vrf, instance] of treesIn(shown)) {
    for (const [neighbor, adjacencies] of Object.entries(treeAt(instance, ['neighbors']))) {
      for (const adjacency of listOf(adjacencies as Json)) {
        const found = String(adjacency['nbrState'] ?? adjacency['state'] ?? 'no state');
        probes.push({ name: `ospf ${within(vrf)}${neighbor}`, ok: /^(?:full|2-?way)/i.test(found), found });
      }
    }
  }
  return probes.sort((a, b) => compareKeys(a.name, b.name));
}

function within(vrf: string): string {
  return vrf === 'default' ? '' : `${vrf} `;
}

function treesIn(node: Json | undefined): readonly (readonly [string, Tree])[] {
  return Object.entries(isTree(node) ? (node as Tree) : {}).filter((entry): entry is [string, Tree] =>
    isTree(entry[1]),
  );
}

function listOf(node: Json | undefined): readonly Tree[] {
  return Array.isArray(node) ? node.filter((item): item is Tree => isTree(item)) : [];
}

function listOfText(node: Json | undefined): readonly string[] {
  return Array.isArray(node) ? node.filter((item) => typeof item === 'string') : [];
}

function first(node: Json | undefined): Tree {
  return listOf(node)[0] ?? {};
}

function textOf(node: Json | undefined): string | undefined {
  const value = first(node)['value'];
  return typeof value === 'string' ? value : undefined;
}
