import type { Leaf, TreePath } from '../schemas/json.ts';
import { cellCode, code, cutMiddle, prose } from './safe-text.ts';
import { count, listNames, minuteOf, shortCommit } from './words.ts';

/** One switch that runs something else than intended. Secrets are fingerprints. */
export interface DriftView {
  readonly site: string;
  readonly device: string;
  readonly since: number;
  /** Hash of what differs: switches that share one differ in the same way. */
  readonly digest: string;
  readonly changes: readonly {
    readonly path: TreePath;
    readonly intended?: Leaf;
    readonly running?: Leaf;
  }[];
  /** Changes beyond those. */
  readonly more: number;
  readonly by?: string;
  readonly changedAt?: number;
  /** It was taken back, and `changes` are from what it was taken back to. */
  readonly wentBack?: WentBackView;
  /** What was done about it, in our own words. */
  readonly done: string;
}

/** A Rollback made a switch run something else than the branch says. */
export interface WentBackView {
  /** In words. */
  readonly to: string;
  readonly run: string;
  /** What would make it run what the branch says. */
  readonly changes: DriftView['changes'];
  readonly more: number;
}

export interface DriftPage {
  readonly commit: string;
  /** Switches that could be asked. */
  readonly asked: number;
  readonly drifting: readonly DriftView[];
  /** Switches that differ only by what is merged and not applied yet. */
  readonly pending: readonly string[];
  /** Switches that were taken back and differ from the branch for that; some may drift as well. */
  readonly wentBack?: readonly Pick<DriftView, 'device' | 'wentBack'>[];
}

/**
 * `leaf01: taken back to commit … by …; differs from the branch in 2 settings: a.b, c.d`, as Markdown on one line.
 *
 * @returns `undefined` for a switch that was not taken back.
 */
export function wentBackLine({ device, wentBack }: Pick<DriftView, 'device' | 'wentBack'>): string | undefined {
  if (!wentBack) return undefined;
  const { to, run, changes, more } = wentBack;
  const paths = changes.map(({ path }) => path.join('.'));
  const names = listNames(paths, MOST_PATHS, (path) => code(cutMiddle(path, LEAF_COLUMNS)));
  const settings = count(changes.length + more, 'setting');
  return `${code(device)}: taken back to ${prose(to)} by ${code(run)}; differs from the branch in ${settings}: ${names}`;
}

const MOST_PATHS = 5;

/** The page of a check for drift: who differs, since when and by whom, and in what. */
export function renderDrift({ commit, asked, drifting, pending, wentBack = [] }: DriftPage): string {
  const lines = [
    `# ${headline(drifting.length, asked)}`,
    '',
    `Compared with what the branch says at ${code(shortCommit(commit))}.`,
    '',
    ...(drifting.length === 0 ? [] : whoDrifts(drifting)),
    ...[...Map.groupBy(drifting, groupOf).values()].flatMap(renderGroup),
    ...renderWentBack(wentBack),
    ...(pending.length === 0 ? [] : renderPending(pending)),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function headline(drifting: number, asked: number): string {
  if (drifting === 0) return `No drift: ${count(asked, 'switch', 'switches')} asked`;
  return `${drifting} of ${count(asked, 'switch', 'switches')} ${drifting === 1 ? 'drifts' : 'drift'}`;
}

function whoDrifts(drifting: readonly DriftView[]): readonly string[] {
  return [
    '| Switch | Site | Since | Last changed by | What was done |',
    '|---|---|---|---|---|',
    ...drifting.map(({ site, device, since, by, changedAt, done }) => {
      const when = changedAt === undefined ? '' : `, ${minuteOf(changedAt)}`;
      const who = by === undefined ? 'not known' : `${cellCode(by)}${when}`;
      return `| ${[cellCode(device), cellCode(site), minuteOf(since), who, done].join(' | ')} |`;
    }),
    '',
  ];
}

function groupOf({ digest, wentBack }: DriftView): string {
  return wentBack ? `${digest} ${wentBack.run} ${wentBack.to}` : digest;
}

/** A leaf may hold a certificate. */
const LEAF_COLUMNS = 200;

/** Switches that differ in the same way are one table. */
function renderGroup(group: readonly DriftView[]): readonly string[] {
  const [first] = group;
  if (!first) return [];
  const { changes, more, wentBack } = first;
  const names = listNames(
    group.map(({ device }) => device),
    20,
    code,
  );
  return [
    `## ${names}: ${count(changes.length + more, 'difference')}`,
    '',
    ...(wentBack ? [`Compared with ${prose(wentBack.to)}, to which ${code(wentBack.run)} took it back.`, ''] : []),
    '| Path | Intended | Running |',
    '|---|---|---|',
    ...changes.map(
      ({ path, intended, running }) =>
        `| ${[cellCode(path.join('.')), leafCell(intended), leafCell(running)].join(' | ')} |`,
    ),
    ...(more > 0 ? [`| … ${count(more, 'more difference')} | | |`] : []),
    '',
  ];
}

function leafCell(leaf: Leaf | undefined): string {
  if (leaf === undefined) return 'nothing';
  return cellCode(cutMiddle(typeof leaf === 'string' ? leaf : JSON.stringify(leaf), LEAF_COLUMNS));
}

function renderWentBack(wentBack: DriftPage['wentBack'] = []): readonly string[] {
  const lines = wentBack.flatMap((one) => wentBackLine(one) ?? []);
  if (lines.length === 0) return [];
  return ['## Taken back', '', ...lines.map((line) => `- ${line}`), '', ENDS, ''];
}

const ENDS =
  'These are meant to run something else than the branch says: that alone is no drift. The next deploy that touches one ends it; to make it last, revert the change on the branch.';

function renderPending(pending: readonly string[]): readonly string[] {
  return [
    '## Not drift',
    '',
    `${listNames(pending, 50, code)}: what differs was merged and is not applied yet, or a run is at work on it, or it is not known what was applied last.`,
    '',
  ];
}
