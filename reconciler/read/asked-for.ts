import { AUTOMATION } from '../../desired-state/fleet-layout.ts';
import type { Repository } from '../../git/repository.ts';
import type { Targets } from '../../schemas/fleet.ts';
import { parseFleetFile } from '../../schemas/validate-file.ts';
import type { RequestOfWork } from '../deploy/deploy-work.ts';
import { FleetInvalidError } from '../errors.ts';
import { notBeforeOf } from '../requests/not-before.ts';

/** What a request or a schedule says of the runs it asks for. */
export interface AskedFor {
  readonly workflow: string;
  /** All switches where nothing is named. */
  readonly targets: Targets | undefined;
  readonly reason?: string;
  /** Milliseconds since the epoch. */
  readonly notBefore?: number;
  readonly evenWhenPaused?: boolean;
}

export interface AskedBy {
  readonly commit: string;
  readonly request?: RequestOfWork;
  /** Of `automation.yaml`, where no request is named. */
  readonly schedule?: string;
}

/**
 * What is asked for, as it stood at the commit the run is for.
 *
 * @throws {FleetInvalidError} It cannot be read, or is not there.
 */
export async function readAskedFor(repository: Repository, asked: AskedBy): Promise<AskedFor> {
  return asked.request
    ? requestAt(repository, asked.commit, asked.request)
    : scheduleAt(repository, asked.commit, asked.schedule ?? '');
}

async function requestAt(repository: Repository, commit: string, { path }: RequestOfWork): Promise<AskedFor> {
  const text = await repository.readFile(commit, path);
  if (text === undefined) throw gone(commit, path, 'expected this request, found none');
  const parsed = parseFleetFile('request', text, path);
  if (parsed.kind === 'invalid') throw new FleetInvalidError({ revision: commit, problems: parsed.problems });
  const { workflow, targets, reason, even_when_paused: evenWhenPaused } = parsed.file.value;
  const notBefore = notBeforeOf(parsed.file.value);
  return {
    workflow,
    targets,
    reason,
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(evenWhenPaused ? { evenWhenPaused } : {}),
  };
}

async function scheduleAt(repository: Repository, commit: string, name: string): Promise<AskedFor> {
  const text = await repository.readFile(commit, AUTOMATION);
  const parsed = parseFleetFile('automation', text ?? '{}', AUTOMATION);
  if (parsed.kind === 'invalid') throw new FleetInvalidError({ revision: commit, problems: parsed.problems });
  const schedules = new Map(Object.entries(parsed.file.value.schedules ?? {}));
  const found = schedules.get(name);
  if (!found) throw gone(commit, AUTOMATION, `expected the schedule ${name}, found none`);
  return { workflow: found.workflow, targets: found.targets };
}

function gone(revision: string, file: string, message: string): FleetInvalidError {
  return new FleetInvalidError({ revision, problems: [{ file, code: 'RECONCILER_REQUEST_GONE', message }] });
}
