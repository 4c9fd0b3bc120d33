import type { Change } from '../../schemas/change.ts';
import type { Tree } from '../../schemas/json.ts';
import { FILES, NEIGHBOR_MAKERS } from './facts.ts';
import { treeAt } from './tree.ts';

/** {@link Driver.expectedLosses}: links and neighbours that the changes themselves take away or shut down. */
export function expectedLosses(changes: readonly Change[], intended: Tree): readonly string[] {
  return [...new Set(changes.flatMap((change) => [...linkGone(change, intended), ...neighborGone(change, intended)]))];
}

function linkGone({ kind, path }: Change, intended: Tree): readonly string[] {
  const [file, section = '', line = ''] = path;
  const lost = (name: string | undefined) => (name === undefined ? [] : [`interface ${name}`, `lldp ${name}`]);
  if (file === FILES.frr) {
    return kind === 'set' && line === 'shutdown' ? lost(/^interface (\S+)/.exec(section)?.[1]) : [];
  }
  if (file !== FILES.interfaces) return [];
  const name = /^(?:iface|auto) (\S+)/.exec(section)?.[1];
  if (kind === 'set') return line === 'link-down yes' ? lost(name) : [];
  const stanzas = Object.keys(treeAt(intended, [file]));
  const isConfigured = stanzas.some((stanza) => /^iface (\S+)/.exec(stanza)?.[1] === name);
  const isStarted = stanzas.some(
    (stanza) => /^(?:auto|allow-\S+) /.test(stanza) && stanza.split(' ').includes(name ?? ''),
  );
  return isConfigured && isStarted ? [] : lost(name);
}

/** A neighbour is named by its VRF and itself, as in {@link readHealth}. */
function neighborGone({ kind, path }: Change, intended: Tree): readonly string[] {
  const [file, section = '', line = ''] = path;
  const router = /^router bgp \S+(?: (?:vrf|view) (?<vrf>\S+))?/.exec(section);
  const [, name, rest] = /^neighbor (\S+) (.*)$/.exec(line) ?? [];
  if (file !== FILES.frr || !router || name === undefined) return [];
  const vrf = router.groups?.['vrf'];
  const probe = vrf === undefined || vrf === 'default' ? `bgp ${name}` : `bgp ${vrf} ${name}`;
  if (kind === 'set') return rest === 'shutdown' || rest?.startsWith('shutdown ') ? [probe] : [];
  const left = Object.keys(treeAt(intended, [file, section]));
  return left.some((other) => NEIGHBOR_MAKERS.exec(other)?.groups?.['name'] === name) ? [] : [probe];
}
