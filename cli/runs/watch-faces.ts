import { utc } from '../../ledger/markdown.ts';
import { adviceOf, verdictOf } from '../../ledger/run-words.ts';
import type { PointsmanError } from '../../schemas/errors.ts';
import type { Io } from '../io.ts';
import { createLiveView } from '../live-view.ts';
import { wrap } from '../wrap.ts';
import { isWaitingForPerson, type Look } from './look-at-run.ts';
import { renderNews, renderWatch } from './render-watch.ts';
import { terminal } from './terminal.ts';

/** How what is seen is shown. */
export interface Face {
  show(look: Look): void;
  /** The ledger did not answer this time. */
  miss(error: PointsmanError): void;
  end(look: Look): void;
  stop(): void;
}

/** One view that is kept up to date; what is left of it at the end is the last one. */
export function liveFace(io: Io, every: string): Face {
  const view = createLiveView(io.say);
  let drawn: readonly string[] = [];
  const now = () => `${utc(io.clock.now()).slice('yyyy-mm-dd '.length)} UTC`;
  return {
    show(look) {
      drawn = renderWatch(look, io.clock.now());
      view.draw([...drawn, '', `Looked at ${now()}, every ${every}. Ctrl-C stops watching, and nothing else.`]);
    },
    miss(error) {
      view.draw([...drawn, '', `The ledger did not answer at ${now()} (${error.code}). Trying on.`]);
    },
    end(look) {
      view.clear();
      io.out(`${renderWatch(look, io.clock.now()).join('\n')}\n\n${endingOf(look)}`);
    },
    stop: () => view.clear(),
  };
}

/** A line for each thing that happens, for logs and pipes. */
export function lineFace(io: Io): Face {
  let said = '';
  return {
    show(look) {
      io.out(
        renderNews(look)
          .map((line) => `${line}\n`)
          .join(''),
      );
      const next = isWaitingForPerson(look) ? nextOf(look) : '';
      if (next !== said) io.out(next);
      said = next;
    },
    miss: (error) => io.say(`${utc(io.clock.now())}  the ledger did not answer (${error.code}), trying on\n`),
    end: (look) => io.out(endingOf(look)),
    stop() {},
  };
}

/** An object a line, for programs. */
export function jsonFace(io: Io): Face {
  return {
    show: ({ news }) => io.out(news.map(({ run, event }) => `${JSON.stringify({ run: run.name, event })}\n`).join('')),
    miss: (error) => io.say(`${JSON.stringify(error)}\n`),
    end() {},
    stop() {},
  };
}

/** What a person can do, in the form in which every command says what is next. */
function nextOf({ run, children }: Look): string {
  const asking = [run, ...children].filter((one) => isWaitingForPerson({ run: one, children: [], news: [] }));
  return asking.map((one) => `  next: ${adviceOf(one, terminal).at(-1) ?? ''}\n`).join('');
}

function endingOf({ run }: Look): string {
  const advice = adviceOf(run, terminal).flatMap((line) => wrap(line, '  next: '));
  return [...wrap(verdictOf(run, terminal), `${run.status}  `), ...advice].map((line) => `${line}\n`).join('');
}
