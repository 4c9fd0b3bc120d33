import { UsageError } from './errors.ts';

/** Where a setting stands, as people write it: `interface.swp1.link.mtu`; a key that is no plain word is bracketed. */

/** @returns `interface.vlan120.ip.address[10.1.120.2/24]`, which {@link readSettingPath} reads back. */
export function writeSettingPath(path: readonly string[]): string {
  return path
    .map((key, index) => {
      if (!/^[^.[\]\s]+$/.test(key)) return `[${key}]`;
      return index === 0 ? key : `.${key}`;
    })
    .join('');
}

/** @throws {UsageError} A bracket stands alone, or two dots stand beside each other. */
export function readSettingPath(text: string): readonly string[] {
  const path: string[] = [];
  let rest = text;
  while (rest !== '') {
    const found = (path.length === 0 ? FIRST : NEXT).exec(rest);
    if (!found) {
      throw new UsageError({
        problem: `the path "${text}" cannot be read from "${rest}" on`,
        next: 'Write keys with dots between them, and a key that holds dots in brackets: vrf.default.router.static[10.0.0.0/8].',
      });
    }
    path.push(found.groups?.['bracketed'] ?? found.groups?.['plain'] ?? '');
    rest = rest.slice(found[0].length);
  }
  return path;
}

const FIRST = /^(?:\[(?<bracketed>[^\]]+)\]|(?<plain>[^.[\]]+))/;
const NEXT = /^(?:\.?\[(?<bracketed>[^\]]+)\]|\.(?<plain>[^.[\]]+))/;
