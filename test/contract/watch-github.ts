import type { EmulatedGithub } from '../../sandbox/github/start-github.ts';
import type { OpenapiJudge, Violation } from './openapi-judge.ts';

export interface Verdicts {
  /** Each once, as one line. */
  readonly violations: readonly string[];
  readonly requestShapes: ReadonlySet<string>;
  readonly answerShapes: ReadonlySet<string>;
}

/** Made once a process, when the first GitHub is started: most test files need none, nor the libraries behind it. */
let judge: Promise<OpenapiJudge> | undefined;
let seen = nothingSeen();

function nothingSeen() {
  return { violations: new Set<string>(), requestShapes: new Set<string>(), answerShapes: new Set<string>() };
}

/** Has every exchange with it judged, until it is closed. */
export async function watchGithub(github: EmulatedGithub): Promise<EmulatedGithub> {
  judge ??= import('./openapi-judge.ts').then((made) => made.createOpenapiJudge(made.readOpenapiExtract()));
  const { judge: judgeExchange } = await judge;
  github.onExchange((exchange) => {
    const { violations, requestShape, answerShape } = judgeExchange(exchange);
    for (const violation of violations) seen.violations.add(renderViolation(violation));
    if (requestShape) seen.requestShapes.add(requestShape);
    if (answerShape) seen.answerShapes.add(answerShape);
  });
  return github;
}

/** What was seen since this was asked last. */
export function takeVerdicts(): Verdicts {
  const taken = seen;
  seen = nothingSeen();
  return { ...taken, violations: [...taken.violations] };
}

function renderViolation({ operation, side, at, problem }: Violation): string {
  return `${operation}: the ${side}${at ? ` at ${at}` : ''} ${problem}`;
}
