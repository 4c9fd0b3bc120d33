/** From a step to the files of its commit. Everything that could make a step impossible is found here, before anything is written. */
import { LedgerStepRefusedError } from './errors.ts';
import type { RunEvent } from './events.ts';
import { formatEvents, parseEvents } from './events-codec.ts';
import { foldEvents } from './fold-run.ts';
import type { LedgerStep } from './ledger.ts';
import type { LedgerSnapshot } from './ledger-view.ts';
import {
  artifactPath,
  backupPath,
  checkedRunName,
  commandsPath,
  devicePath,
  driftPath,
  eventsPath,
  INDEX_PATH,
  planPath,
  publicationsPath,
  README_PATH,
  runPagePath,
  SCHEDULES_PATH,
  START_PATH,
  verdictsPath,
} from './paths.ts';
import { formatCommands, formatPublication, prettyJson } from './records-codec.ts';
import { type Redact, redactJson, redactValue } from './redact.ts';
import { renderReadme } from './render-readme.ts';
import { renderRunPage } from './render-run-page.ts';
import type { Run } from './run.ts';
import { indexWith } from './run-index.ts';
import { runFolder } from './run-name.ts';

/** What the commit of a step writes and takes away. */
export interface StepFiles {
  readonly files: ReadonlyMap<string, string>;
  /** All of them are there. */
  readonly deletions: readonly string[];
}

/**
 * The files a step adds, replaces or takes away, by path, with nothing in them that `redact` would take out.
 *
 * @returns Nothing of either when the step changes nothing.
 * @throws {IllegalMoveError} Its events cannot follow what is there.
 * @throws {LeaseLostError} It extends a lease somebody else holds.
 * @throws {LedgerStepRefusedError} It would write where, or what, the ledger does not hold.
 */
export async function filesOfStep(view: LedgerSnapshot, step: LedgerStep, redact: Redact): Promise<StepFiles> {
  const written = new Map<string, string>();
  await writeStart(written, view, step);
  await writePublication(written, view, step, redact);
  for (const [path, text] of step.backups ?? []) written.set(backupPath(path), redact(text));
  for (const device of step.devices ?? []) {
    written.set(devicePath(device.site, device.device), prettyJson(redactValue(device, redact)));
  }
  await writeDrift(written, view, step, redact);
  if (step.schedules) {
    written.set(SCHEDULES_PATH, prettyJson(redactValue(Object.fromEntries(step.schedules), redact)));
  }
  await writeCommands(written, view, step, redact);
  if (step.verdicts) {
    const path = verdictsPath(step.verdicts.run, step.verdicts.stage);
    written.set(path, redactJson(step.verdicts.json, path, redact));
  }
  refuseStrayArtifacts(step);
  let index = await view.runIndex();
  for (const [name, events] of step.events ?? []) {
    if (events.length === 0) continue;
    const run = await writeRun(written, view, { name, events: redactValue(events, redact) });
    if (!run) continue;
    index = indexWith(index, run.run, run.isNew);
    writeArtifacts(written, run, events, step.artifacts?.get(name) ?? new Map(), redact);
  }
  const deletions = await goneIn(view, step);
  if (written.size === 0) return { files: written, deletions };
  return { files: written.set(INDEX_PATH, prettyJson(index)).set(README_PATH, renderReadme(index)), deletions };
}

/** What was proposed is known as long as the switch drifts: a check that writes what it finds does not know of it. */
async function writeDrift(
  written: Map<string, string>,
  view: LedgerSnapshot,
  { drift = [] }: LedgerStep,
  redact: Redact,
): Promise<void> {
  if (drift.length === 0) return;
  const before = new Map((await view.drifting()).map((known) => [driftPath(known.site, known.device), known]));
  for (const one of drift) {
    const path = driftPath(one.site, one.device);
    const proposed = one.proposed ?? before.get(path)?.proposed;
    written.set(path, prettyJson(redactValue({ ...one, ...(proposed ? { proposed } : {}) }, redact)));
  }
}

async function goneIn(view: LedgerSnapshot, { driftGone = [] }: LedgerStep): Promise<readonly string[]> {
  const paths = driftGone.map(({ site, device }) => driftPath(site, device));
  const found = await Promise.all(paths.map(async (path) => (await view.file(path)) !== undefined));
  return paths.filter((_, index) => found[index]);
}

async function writeStart(written: Map<string, string>, view: LedgerSnapshot, { started }: LedgerStep): Promise<void> {
  if (!started) return;
  const before = await view.startedAtCommit();
  if (before !== undefined) {
    throw new LedgerStepRefusedError({
      path: START_PATH,
      problem: `the ledger has been started already, at ${before}`,
    });
  }
  written.set(START_PATH, prettyJson({ version: 1, startedAtCommit: started.commit }));
}

async function writePublication(
  written: Map<string, string>,
  view: LedgerSnapshot,
  { publication: published }: LedgerStep,
  redact: Redact,
): Promise<void> {
  if (!published) return;
  const { pullRequest, publication, planJson, planMarkdown } = published;
  const sequence = publicationsPath(pullRequest);
  const last = (await view.publications(pullRequest)).at(-1);
  const before = (await view.file(sequence)) ?? '';
  const json = planPath(pullRequest, publication.digest, 'json');
  // The same plan made again has been on show all the time; only what it was made from is newer.
  const stands = last?.digest === publication.digest && last.head === publication.head;
  if (!stands) written.set(sequence, before + formatPublication(publication));
  written.set(json, redactJson(planJson, json, redact));
  written.set(planPath(pullRequest, publication.digest, 'md'), redact(planMarkdown));
}

async function writeCommands(
  written: Map<string, string>,
  view: LedgerSnapshot,
  { commands }: LedgerStep,
  redact: Redact,
): Promise<void> {
  for (const [pullRequest, records] of commands ?? []) {
    if (records.length === 0) continue;
    const path = commandsPath(pullRequest);
    // Asked for its guard: nothing is appended to records that cannot be read.
    await view.commands(pullRequest);
    written.set(path, ((await view.file(path)) ?? '') + formatCommands(redactValue(records, redact)));
  }
}

/** A run as it is after a step, and where it stands. */
interface WrittenRun {
  readonly run: Run;
  readonly folder: string;
  readonly isNew: boolean;
}

async function writeRun(
  written: Map<string, string>,
  view: LedgerSnapshot,
  { name, events }: { readonly name: string; readonly events: readonly RunEvent[] },
): Promise<WrittenRun | undefined> {
  const known = await view.runFolderOf(checkedRunName(name));
  const before = known === undefined ? '' : ((await view.file(eventsPath(known))) ?? '');
  const added = formatEvents(events);
  // What is written is read back first: a line the next pass could not read must not be pushed.
  const readBack = parseEvents(added, `${known ?? name}/events.jsonl`);
  const run = foldEvents(name, await view.run(name), readBack);
  if (!run) return undefined;
  refuseStaleFences(view, run, events);
  const folder = known ?? runFolder(run);
  written.set(eventsPath(folder), before + added);
  const all = [...parseEvents(before, eventsPath(folder)), ...readBack];
  const folders = await foldersBeside(view, run);
  written.set(
    runPagePath(folder),
    renderRunPage(run, all, (other) => folders.get(other)),
  );
  return { run, folder, isNew: known === undefined };
}

/** Where the runs are that its page leads to. A child of this very step will be where it is told to have started. */
async function foldersBeside(view: LedgerSnapshot, { parent, children }: Run): Promise<ReadonlyMap<string, string>> {
  const started = children.map(({ run, startedAt }) => [run, runFolder({ name: run, startedAt })] as const);
  const names = [...(parent === undefined ? [] : [parent]), ...children.map(({ run }) => run)];
  const known = await Promise.all(names.map(async (name) => [name, await view.runFolderOf(name)] as const));
  return new Map([...started, ...known.flatMap(([name, at]) => (at === undefined ? [] : [[name, at] as const]))]);
}

/** Results of a run nothing is said of in this step would be lost without a word. */
function refuseStrayArtifacts({ artifacts, events }: LedgerStep): void {
  for (const [name, files] of artifacts ?? []) {
    const [first] = files.keys();
    if (first === undefined || (events?.get(name)?.length ?? 0) > 0) continue;
    throw new LedgerStepRefusedError({ path: first, problem: `the step says nothing of its run ${name}` });
  }
}

/** A file beside a page and the event that names it come together, so that no page leads nowhere and no file is unheard of. */
function writeArtifacts(
  written: Map<string, string>,
  { folder }: WrittenRun,
  events: readonly RunEvent[],
  files: ReadonlyMap<string, string>,
  redact: Redact,
): void {
  const named = new Set(events.flatMap((event) => (event.kind === 'artifact-written' ? [event.file] : [])));
  for (const file of named) {
    if (files.has(file)) continue;
    throw new LedgerStepRefusedError({ path: file, problem: 'an event names it, and the step does not hold it' });
  }
  for (const [file, text] of files) {
    if (!named.has(file) || redact(file) !== file) {
      throw new LedgerStepRefusedError({ path: redact(file), problem: 'no event of the step names it' });
    }
    written.set(artifactPath(folder, file), redact(text));
  }
}

/** An intent decided from another view than the one it is added to may know nothing of who came between. */
function refuseStaleFences(view: LedgerSnapshot, run: Run, events: readonly RunEvent[]): void {
  const stale = events.find((event) => event.kind === 'intent' && view.tip !== undefined && event.fence !== view.tip);
  if (!stale) return;
  throw new LedgerStepRefusedError({
    path: eventsPath(runFolder(run)),
    problem: 'an intent names another ledger commit than the one it was decided from',
  });
}
