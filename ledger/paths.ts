/** Where things stand on the ledger branch. Every path is made here, so what is read is what is written. */
import { LedgerStepRefusedError } from './errors.ts';

export const README_PATH = 'README.md';
export const START_PATH = 'ledger.json';
/** Derived: which runs are open and what the newest were. Regenerated with every step. */
export const INDEX_PATH = 'runs/index.json';
export const SCHEDULES_PATH = 'automation/schedules.json';
/** Folder of everything that drifts. */
export const DRIFT_FOLDER = 'drift';

const PLAN_DIGEST = /^p1:([0-9a-f]{64})$/;
/** What a part of a path may be: nothing that leaves its folder, hides, or means something to Git. */
const SAFE_PART = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$/;

export const eventsPath = (folder: string): string => `${folder}/events.jsonl`;
export const runPagePath = (folder: string): string => `${folder}/README.md`;

/** @throws {LedgerStepRefusedError} The name cannot be a file beside a run's page. */
export function artifactPath(folder: string, name: string): string {
  // In any case of its letters: on some machines they are the same file.
  const own = ['readme.md', 'events.jsonl'].includes(name.toLowerCase());
  if (own || !SAFE_PART.test(name)) {
    throw new LedgerStepRefusedError({ path: name, problem: 'it cannot be a file beside a run’s page' });
  }
  return `${folder}/${name}`;
}

/** @throws {LedgerStepRefusedError} The names cannot be part of a path. */
export function devicePath(site: string, device: string): string {
  return checkedPath(`devices/${site}/${device}.json`, 3);
}

/** @throws {LedgerStepRefusedError} The names cannot be part of a path. */
export function driftPath(site: string, device: string): string {
  return checkedPath(`${DRIFT_FOLDER}/${site}/${device}.json`, 3);
}

/** @throws {LedgerStepRefusedError} The names cannot be part of a path. */
export function verdictsPath(run: string, stage: string): string {
  return checkedPath(`approvals/${run}/${stage}.json`, 3);
}

export function publicationsPath(pullRequest: number): string {
  return `plans/pr-${pullRequest}/published.jsonl`;
}

export function commandsPath(pullRequest: number): string {
  return `commands/pr-${pullRequest}.jsonl`;
}

/**
 * @param digest `p1:` and 64 hex digits; file names leave the prefix out.
 * @throws {LedgerStepRefusedError} Not a plan's digest.
 */
export function planPath(pullRequest: number, digest: string, extension: 'json' | 'md'): string {
  const hex = PLAN_DIGEST.exec(digest)?.[1];
  if (hex === undefined) throw new LedgerStepRefusedError({ path: digest, problem: 'it is not the digest of a plan' });
  return `plans/pr-${pullRequest}/${hex}.${extension}`;
}

/** @throws {LedgerStepRefusedError} Not `backups/<site>/<device>.<extension>`. */
export function backupPath(path: string): string {
  if (!path.startsWith('backups/') || !/\/[^/]+\.[a-z0-9]+$/.test(path)) {
    throw new LedgerStepRefusedError({ path, problem: 'it is not backups/<site>/<device>.<extension>' });
  }
  return checkedPath(path, 3);
}

/** @throws {LedgerStepRefusedError} The name cannot be a folder. */
export function checkedRunName(name: string): string {
  return checkedPath(name, 1);
}

function checkedPath(path: string, parts: number): string {
  const found = path.split('/');
  if (found.length !== parts || !found.every((part) => SAFE_PART.test(part))) {
    throw new LedgerStepRefusedError({
      path,
      problem: 'a part of it is empty, too long or holds a character we do not write',
    });
  }
  return path;
}
