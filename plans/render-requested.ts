import type { CommentDetail } from './comment-detail.ts';
import type { LeftOut } from './render-groups.ts';
import { renderSimulation } from './render-simulation.ts';
import { code, prose } from './safe-text.ts';
import type { Requested } from './simulation.ts';
import { verdictOfSimulation } from './simulation-words.ts';
import { count, shortCommit } from './words.ts';

/** Instead of a plan: what requests that only read would do. There is nothing in it to approve. */
export function renderRequested(
  { source, simulations }: Requested,
  detail: CommentDetail,
  leftOut: LeftOut,
): readonly string[] {
  const [only, ...others] = simulations;
  const verdict =
    only && others.length === 0 ? verdictOfSimulation(only) : `${count(simulations.length, 'request')} that only read`;
  const rest = simulations.length - detail.rows;
  if (rest > 0) leftOut('some of the requests');
  if (simulations.some(({ targets }) => targets.count > detail.names)) leftOut('names of devices');
  return [
    `## ${prose(verdict)}`,
    '',
    `The fleet at ${code(shortCommit(source.head))} is valid. Nothing is changed on any switch, so there is nothing to approve. It is done after the merge, and a comment here tells what came of it.`,
    '',
    ...simulations.slice(0, detail.rows).flatMap((simulation) => renderSimulation(simulation, detail)),
    ...(rest > 0 ? [`… and ${count(rest, 'more request')}`, ''] : []),
    '**Next:** merge.',
    '',
  ];
}
