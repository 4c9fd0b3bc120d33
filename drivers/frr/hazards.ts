import { isTree, type Tree } from '../../schemas/json.ts';
import type { Hazard } from '../driver.ts';
import { FILES, MANAGEMENT } from './facts.ts';
import { nodeAt, treeAt } from './tree.ts';

/**
 * What a replacement must not do, because the switch would take it without a word and might not be reached afterwards.
 *
 * @param intended Normalised, like `running`. Only of files that it has anything is said: the others stay as they are.
 */
export function findHazards(intended: Tree, running: Tree): readonly Hazard[] {
  const files = Object.entries(intended).filter((entry): entry is [string, Tree] => isTree(entry[1]));
  if (files.length === 0) {
    return [{ name: 'empty-configuration', message: 'nothing at all would be configured', path: [] }];
  }
  return files.flatMap(([file, lines]): readonly Hazard[] => {
    if (Object.keys(lines).length === 0) {
      return [{ name: 'empty-configuration', message: `${file} would be empty`, path: [file] }];
    }
    if (file !== FILES.interfaces) return frrHazards(lines, running);
    return [...interfaceHazards(lines, running), ...commandHazards(lines, running)];
  });
}

function frrHazards(intended: Tree, running: Tree): readonly Hazard[] {
  const before = treeAt(running, [FILES.frr]);
  const hazards: Hazard[] = [];
  if ('no service integrated-vtysh-config' in intended) {
    hazards.push({
      name: 'integrated-config-disabled',
      message: 'FRR would no longer keep its configuration in one file, and could not be reloaded',
      path: [FILES.frr, 'no service integrated-vtysh-config'],
    });
  }
  for (const [path, message] of defaultRoutes(before)) {
    if (nodeAt(intended, path) !== undefined || defaultRoutes(intended).length > 0) continue;
    hazards.push({ name: 'default-route-removed', message, path: [FILES.frr, ...path] });
  }
  for (const name of MANAGEMENT.interfaces) {
    const path = [`interface ${name}`, 'shutdown'];
    if (nodeAt(intended, path) === undefined || nodeAt(before, path) !== undefined) continue;
    const message = `${name} would be shut`;
    hazards.push({ name: 'management-interface-down', message, path: [FILES.frr, ...path] });
  }
  return hazards;
}

function defaultRoutes(lines: Tree): readonly (readonly [readonly string[], string])[] {
  const isDefault = (line: string) => /^(?:ip route 0\.0\.0\.0\/0|ipv6 route ::\/0) /.test(line);
  const above = Object.keys(lines)
    .filter(isDefault)
    .map((line) => [line]);
  const inManagement = Object.keys(treeAt(lines, [`vrf ${MANAGEMENT.vrf}`]))
    .filter(isDefault)
    .map((line) => [`vrf ${MANAGEMENT.vrf}`, line]);
  return [...above, ...inManagement].map((path) => [
    path,
    `the route "${path.at(-1)}" would go, and no other default is there`,
  ]);
}

function interfaceHazards(intended: Tree, running: Tree): readonly Hazard[] {
  const file = FILES.interfaces;
  const before = treeAt(running, [file]);
  return MANAGEMENT.interfaces.flatMap((name): readonly Hazard[] => {
    const stanza = stanzaOf(before, name);
    if (stanza === undefined) return [];
    const path = [file, stanza];
    const after = stanzaOf(intended, name);
    if (after === undefined) {
      return [{ name: 'management-interface-removed', message: `${name} would no longer be configured`, path }];
    }
    const lost = Object.keys(treeAt(before, [stanza])).filter(
      (line) => /^(?:address|gateway|vrf) /.test(line) && nodeAt(intended, [after, line]) === undefined,
    );
    const started = isStarted(before, name) && !isStarted(intended, name);
    return [
      ...lost.map((line) => ({
        name: line.startsWith('gateway ') ? 'default-gateway-removed' : 'management-interface-removed',
        message: `${name} would lose "${line}"`,
        path: [...path, line],
      })),
      ...(started ? [{ name: 'management-interface-down', message: `${name} would no longer be started`, path }] : []),
    ];
  });
}

/** Anything can be done by a command, and no timer knows how to undo it. */
function commandHazards(intended: Tree, running: Tree): readonly Hazard[] {
  const before = treeAt(running, [FILES.interfaces]);
  return Object.entries(intended).flatMap(([stanza, lines]) =>
    Object.keys(isTree(lines) ? lines : {})
      .filter((line) => COMMAND.test(line) && nodeAt(before, [stanza, line]) === undefined)
      .map((line) => ({
        name: 'command-added',
        message: `"${line}" would be run as root, and is only taken back if a "down" line of ${stanza} undoes it`,
        path: [FILES.interfaces, stanza, line],
      })),
  );
}

/** Source: interfaces(5) of ifupdown2. */
const COMMAND = /^(?:(?:pre|post)-)?(?:up|down) /;

function stanzaOf(lines: Tree, name: string): string | undefined {
  return Object.keys(lines).find((line) => /^iface (\S+)/.exec(line)?.[1] === name);
}

function isStarted(lines: Tree, name: string): boolean {
  return Object.keys(lines).some((line) => /^(?:auto|allow-\S+) /.test(line) && line.split(' ').includes(name));
}
