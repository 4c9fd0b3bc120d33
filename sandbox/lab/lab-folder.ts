import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { LabRefusal } from './errors.ts';
import { LAB_ENVIRONMENT } from './run-process.ts';

/** A folder that is gone when the lab is, also when the process that made it was killed. */
export interface LabFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * @param path Absolute, and not there yet.
 * @throws {LabRefusal} It is there.
 */
export function makeLabFolder(path: string): LabFolder {
  mkdirSync(dirname(path), { recursive: true });
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error;
    throw new LabRefusal({ asked: `A new folder ${path} for a lab`, found: 'there is something of that name' });
  }
  // Reads from a pipe that only this process writes to: it goes on when we have ended, in whatever way.
  const remover = spawn('sh', ['-c', 'cat > /dev/null; rm -rf -- "$0"', path], {
    env: LAB_ENVIRONMENT,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const gone = new Promise<void>((resolve) => {
    remover.once('error', () => resolve());
    remover.once('close', () => resolve());
  });
  return {
    path,
    async remove() {
      remover.stdin.end();
      await gone;
      rmSync(path, { recursive: true, force: true });
    },
  };
}
