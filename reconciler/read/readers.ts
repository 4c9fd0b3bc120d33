import { configurationBackup } from '../../workflows/configuration-backup.ts';
import { configurationDiff } from '../../workflows/configuration-diff.ts';
import { driftCheck } from '../../workflows/drift-check.ts';
import { siteBackup } from '../../workflows/site-backup.ts';
import { driftReader } from '../drift/drift-reader.ts';
import type { TipRules } from '../tip-rules.ts';
import type { ReadWork } from '../work.ts';
import { backupReader } from './backup-reader.ts';
import { diffReader } from './diff-reader.ts';
import type { Reader } from './reader.ts';

/** By workflow. Adding one that only reads: its declaration, its reader, and its line here. */
const READERS: Readonly<Record<string, Reader>> = {
  [configurationBackup.name]: backupReader,
  [siteBackup.name]: backupReader,
  [configurationDiff.name]: diffReader,
  [driftCheck.name]: driftReader,
};

export function readerOf(workflow: string): Reader {
  const reader = Object.hasOwn(READERS, workflow) ? READERS[workflow] : undefined;
  if (!reader) throw new RangeError(`nobody reads for ${workflow}`);
  return reader;
}

/** Drift is from what the branch says now; everything else is about the commit that asks for it. */
export function revisionFor({ workflow, commit }: ReadWork, { tip }: TipRules): string {
  return workflow === driftCheck.name ? tip : commit;
}
