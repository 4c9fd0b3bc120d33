import type { ObjectId, Repository } from '../../git/repository.ts';
import { problemAt } from '../../schemas/excerpt.ts';
import { parseYaml } from '../../schemas/parse-yaml.ts';
import type { Problem } from '../../schemas/problem.ts';
import { positionOf } from '../../schemas/yaml-document.ts';
import { FleetInvalidError } from '../errors.ts';

/** What is wrong with one place of a request, found only where it is planned: as an error of the fleet, with its line. */
export async function requestInvalid(
  repository: Repository,
  { revision, file, path }: { readonly revision: ObjectId; readonly file: string; readonly path: readonly string[] },
  what: Pick<Problem, 'code' | 'message' | 'hint'>,
): Promise<FleetInvalidError> {
  const parsed = parseYaml((await repository.readFile(revision, file)) ?? '', file);
  if (parsed.kind === 'invalid') return new FleetInvalidError({ revision, problems: [{ file, ...what }] });
  const { document } = parsed;
  const problem = problemAt(file, document.text, positionOf(document, path, 'value'), what);
  return new FleetInvalidError({ revision, problems: [problem] });
}
