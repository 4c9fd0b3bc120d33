import type { CommentContext, RunView } from './comment-context.ts';
import { renderWithin } from './comment-detail.ts';
import { renderRun } from './render-run.ts';
import { code, link, prose } from './safe-text.ts';

export interface ReadingView {
  readonly run: RunView;
  readonly workflow: string;
  /** Name of the file that asks for it. */
  readonly request: string;
  readonly recovery?: CommentContext['recovery'];
  /** Our own labels. */
  readonly links: readonly { readonly label: string; readonly url: string }[];
}

/** First line of the one comment about a run that only reads. */
export function readingMarker(run: string): string {
  return `pointsman:run ${run} `;
}

const MOST_CHARACTERS = 30_000;

/** What a run that only reads came to, for the pull request that asked for it. The results themselves are linked. */
export function renderReading({ run, workflow, request, recovery, links }: ReadingView): string {
  const nothing = () => {};
  return renderWithin(MOST_CHARACTERS, (detail) =>
    [
      `<!-- ${readingMarker(run.name)}-->`,
      `## ${prose(verdictOf(run, workflow))}`,
      '',
      `Asked for by ${code(`requests/${request}.yaml`)}. No switch was changed.`,
      '',
      ...renderRun(run, recovery, detail, nothing),
      ...renderNext(run),
      links.map(({ label, url }) => link(label, url)).join(' · '),
      '',
    ].join('\n'),
  );
}

function verdictOf(run: RunView, workflow: string): string {
  const { status, devices } = run;
  if (stoppedAt(run) !== undefined) return `${workflow}: failed, and can be tried again`;
  const differ = devices.filter(({ outcome }) => outcome?.kind === 'differs').length;
  const differing = differ === 0 ? '' : `, ${differ} of ${devices.length} differ`;
  return `${workflow}: ${status.toLowerCase().replace('_', ' ')}${differing}`;
}

function renderNext(run: RunView): readonly string[] {
  const stage = stoppedAt(run);
  if (stage === undefined) return [];
  const [retry, terminate] = [`/pointsman retry ${run.name} ${stage}`, `/pointsman terminate ${run.name}`];
  return [
    `**Next:** ${code(retry)} asks those again that could not be asked, ${code(terminate)} ends it as it is.`,
    '',
  ];
}

/** Where it stands until a person says what is done. */
function stoppedAt({ stages, endedAt }: RunView): string | undefined {
  return endedAt === undefined ? stages.find(({ state }) => state === 'FAILED')?.name : undefined;
}
