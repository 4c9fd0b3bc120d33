import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

/** Rooms whose files are loaded with a file, by what imports what; `import()` is loaded when it is come to, and not with it. */
function roomsLoadedWith(entry: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const follow = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const imports = readFileSync(file, 'utf8').matchAll(
      /^(?:import|export|\}) (?!type\b)[^;]*?from '(\.[^']+\.ts)';$/gms,
    );
    for (const [, path = ''] of imports) follow(join(dirname(file), path));
  };
  follow(join(root, entry));
  return new Set([...seen].map((file) => relative(root, file).split('/')[0] ?? ''));
}

describe('what is loaded before a command runs', () => {
  it('is nothing of any room but this one and the words all share, until it is known which command it is', () => {
    expect(roomsLoadedWith('cli/main.ts')).toEqual(new Set(['cli', 'schemas']));
  });

  it.each(['runs', 'show', 'watch'])('is nothing that speaks to switches when the ledger is asked: %s', (command) => {
    const rooms = roomsLoadedWith(`cli/commands/${command}.ts`);

    expect(rooms).toContain('ledger');
    for (const room of ['drivers', 'workflows', 'sandbox', 'daemon', 'doctor']) expect(rooms).not.toContain(room);
  });

  it('is all of that when switches are changed, which shows that this test can tell', () => {
    expect(roomsLoadedWith('cli/commands/reconcile.ts')).toContain('drivers');
  });
});
