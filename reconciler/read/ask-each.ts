import pLimit from 'p-limit';
import type { FleetDevice } from '../../desired-state/fleet.ts';
import type { ErrorDocument } from '../../schemas/errors.ts';
import { foreseen } from '../../workflows/foreseen.ts';
import type { ReconcilerDeps } from '../deps.ts';

/** What a switch said, or why it could not be asked. */
export type Answer<T> =
  | { readonly kind: 'answered'; readonly device: FleetDevice; readonly answer: T }
  | { readonly kind: 'failed'; readonly device: FleetDevice; readonly error: ErrorDocument };

/** Asks many switches, some at a time. One that cannot be asked keeps no other from being asked. */
export async function askEach<T>(
  deps: Pick<ReconcilerDeps, 'log' | 'onProgress'>,
  devices: readonly FleetDevice[],
  atOnce: number,
  ask: (device: FleetDevice) => Promise<T>,
  signal: AbortSignal,
): Promise<readonly Answer<T>[]> {
  const limit = pLimit(atOnce);
  let done = 0;
  return Promise.all(
    devices.map((device) =>
      limit(async (): Promise<Answer<T>> => {
        try {
          return { kind: 'answered', device, answer: await ask(device) };
        } catch (error) {
          const known = foreseen(error, device.name, signal);
          deps.log.info({ device: device.name, code: known.code }, 'could not be asked');
          return { kind: 'failed', device, error: known.toJSON() };
        } finally {
          done += 1;
          deps.onProgress?.(`${done} of ${devices.length} switches read`);
        }
      }),
    ),
  );
}

/** Those that could not be asked, as a run puts them on record. */
export function failuresOf(answers: readonly Answer<unknown>[]) {
  return answers.flatMap((answer) =>
    answer.kind === 'failed' ? [{ site: answer.device.site, device: answer.device.name, error: answer.error }] : [],
  );
}
