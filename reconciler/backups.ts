import type { LedgerView } from '../ledger/ledger.ts';
import type { Backup } from '../workflows/back-up-switch.ts';
import type { ReconcilerDeps } from './deps.ts';

/** Backups as files of the ledger. */

/** @returns `backups/<site>/<device>.<extension>` */
export function backupFile({ site, device, extension }: Pick<Backup, 'site' | 'device' | 'extension'>): string {
  return `backups/${site}/${device}.${extension}`;
}

/** Those that say something else than what is kept, by their files: nothing else is worth a commit. */
export async function newBackups(
  { redact }: Pick<ReconcilerDeps, 'redact'>,
  view: LedgerView,
  backups: readonly Backup[],
): Promise<ReadonlyMap<string, string>> {
  const files = await Promise.all(
    backups.map(async (backup) => ({ ...backup, file: backupFile(backup), kept: await view.file(backupFile(backup)) })),
  );
  const changed = files.filter(({ kept, text }) => kept === undefined || meaningOf(kept) !== meaningOf(redact(text)));
  return new Map(changed.map(({ file, text }) => [file, text]));
}

/** Lines for people at its head may be worded otherwise by the next version. What the switch would load counts. */
function meaningOf(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n');
}
