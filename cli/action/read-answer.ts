import type { Plan } from '../../plans/plan.ts';
import { fenced, visible } from '../../plans/safe-text.ts';
import type { PassReport } from '../../reconciler/pass.ts';
import type { Problem } from '../../schemas/problem.ts';
import type { ActionResult, Ended } from './action-result.ts';
import type { ActionTask } from './read-order.ts';
import { showInvalid, showValid } from './show-invalid.ts';
import { showPass } from './show-pass.ts';
import { showPlan } from './show-plan.ts';

/** What `--json` may print. It was written in this process a moment ago, so its shape is taken at its word. */
type Answer =
  | Plan
  | PassReport
  | Matrix
  | { readonly valid: false; readonly problems: readonly Problem[] }
  | { readonly valid: true; readonly devices: number; readonly sites: number; readonly roles: number };

interface Matrix {
  readonly include: readonly { readonly site: string }[];
}

/** What a command answered, for the log, the page of the run, its annotations and its outputs. */
export function readAnswer(command: ActionTask['command'], { code, out, said }: Ended): ActionResult {
  const answer = command === 'alive' ? undefined : parse(out);
  if (answer === undefined) return showWords(out === '' ? complaintIn(said) : out, code === 1);
  if ('digest' in answer) return showPlan(answer);
  if ('runs' in answer) return showPass(answer);
  if ('include' in answer) return showMatrix(answer);
  return answer.valid ? showValid(answer) : showInvalid(answer.problems);
}

function parse(text: string): Answer | undefined {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return undefined; // A command may have only words to say: the pull request comes from a fork, nothing is due.
  }
}

/** `sites` beside it, because a job cannot be started with a matrix that is empty. */
function showMatrix(answer: Matrix): ActionResult {
  const matrix = JSON.stringify(answer);
  const names = answer.include.map(({ site }) => site);
  const words =
    names.length === 0 ? 'No site has work for a runner of its own.' : `For runners of their own: ${names.join(', ')}`;
  return { ...showWords(words, false), outputs: { matrix, sites: String(names.length) } };
}

/** An answer in words, or the error a command ended with. */
function showWords(words: string, failed: boolean): ActionResult {
  const lines = words.trimEnd().split('\n').map(visible);
  const [verdict = ''] = lines;
  return {
    verdict,
    text: failed ? '' : `${lines.join('\n')}\n`,
    summary: `${fenced('', lines).join('\n')}\n`,
    annotations: failed ? [{ level: 'error', title: 'Pointsman', message: lines.join('\n') }] : [],
    outputs: {},
  };
}

/** The last thing said beside log lines is what went wrong. */
function complaintIn(said: string): string {
  const at = Math.max(said.startsWith('error ') ? 0 : -1, said.lastIndexOf('\nerror ') + 1);
  return said.slice(at).startsWith('error ') ? said.slice(at) : 'It ended without a word.';
}
