import { readBackups } from '../back-up-devices.ts';
import { backupFile, newBackups } from '../backups.ts';
import { failuresOf } from './ask-each.ts';
import type { Reader } from './reader.ts';

/** Keeps what switches run. What is kept already is not kept again. */
export const backupReader: Reader = {
  asks: 'load_running_configuration',
  parks: true,

  async ask(deps, { view, fleet, open }, signal) {
    const answers = await readBackups(deps, fleet, open, signal);
    const backups = answers.flatMap((answer) => (answer.kind === 'answered' ? [answer.answer] : []));
    const changed = await newBackups(deps, view, backups);
    return {
      outcomes: backups.map((backup) => ({
        site: backup.site,
        device: backup.device,
        outcome: { kind: 'backed-up', changed: changed.has(backupFile(backup)) },
      })),
      failures: failuresOf(answers),
      keeps: { backups: changed },
      backups: backups
        .map((backup) => ({ site: backup.site, device: backup.device, file: backupFile(backup) }))
        .filter(({ file }) => changed.has(file)),
      artifacts: new Map(),
    };
  },
};
