import type { IntendedConfiguration } from '../desired-state/fleet.ts';
import type { ConfigurationRefusedError } from '../drivers/errors.ts';
import type { TreePath } from '../schemas/json.ts';
import { CandidateRefusedError } from './errors.ts';
import type { SwitchTarget } from './open-switch.ts';

/** The switch's refusal, with the lines of the fleet repo behind it. */
export function withOrigins(
  { device, intended }: Pick<SwitchTarget, 'device' | 'intended'>,
  error: ConfigurationRefusedError,
): CandidateRefusedError {
  return new CandidateRefusedError(
    {
      device,
      refusals: error.details.refusals.map(({ path, words }) => ({
        path: path.join('.'),
        words,
        ...originIn(intended, path),
      })),
    },
    { cause: error },
  );
}

/** `desired-state/roles/leaf.yaml:12`: where what stands at a path was written. */
export function originIn(intended: IntendedConfiguration, path: TreePath): { readonly origin?: string } {
  const origin = intended.originOf(path);
  if (!origin) return {};
  const { file, line, at } = origin;
  return { origin: `${file}${line === undefined ? '' : `:${line}`}${at === undefined ? '' : ` at ${at}`}` };
}
