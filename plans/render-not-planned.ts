import type { CommentDetail } from './comment-detail.ts';
import type { NotPlanned } from './plan.ts';
import { code } from './safe-text.ts';
import { count, listNames, shortCommit } from './words.ts';

/** Instead of a plan: why no switch was asked, and what unlocks it. */
export function renderNotPlanned(subject: NotPlanned, { names }: CommentDetail): readonly string[] {
  return subject.reason === 'fork' ? ofFork(subject, names) : ofOtherBase(subject);
}

function ofFork({ source, devices }: NotPlanned, names: number): readonly string[] {
  const concerned =
    devices.length === 0
      ? 'It would change the configuration of no device.'
      : `It would change the configuration of ${count(devices.length, 'device')}: ${listNames(devices, names, code)}.`;
  return [
    '## Not planned: it comes from a fork',
    '',
    `The fleet at ${code(shortCommit(source.head))} is valid. ${concerned}`,
    '',
    'No switch was contacted: a plan shows what switches run, and anybody may open a pull request from a fork.',
    '',
    '**Next:** somebody with maintain permission reads the change, and comments',
    '',
    `\`/pointsman plan ${source.head}\``,
    '',
    'which allows exactly this commit. After another push it has to be said again.',
    '',
  ];
}

function ofOtherBase({ baseBranch, source }: NotPlanned): readonly string[] {
  return [
    `## Not planned: it goes to ${code(baseBranch)}`,
    '',
    `Merging ${code(shortCommit(source.head))} there changes no switch. A plan that stood here before is not shown any more, and what was approved is not applied.`,
    '',
    '**Next:** nothing to do; or set the base back, and the plan is made again.',
    '',
  ];
}
