import { setImmediate } from 'node:timers/promises';
import type { ObjectId, Repository } from '../git/repository.ts';
import { PointsmanError } from '../schemas/errors.ts';
import type { Log } from '../schemas/log.ts';
import { LedgerUnreadableError } from './errors.ts';
import type { RunEvent } from './events.ts';
import { parseEvents, parseShaped } from './events-codec.ts';
import { foldEvent, foldRun } from './fold-run.ts';
import type { DeviceDrift, LedgerView, ScheduleRecord } from './ledger.ts';
import { hasEnded } from './legal-moves.ts';
import {
  commandsPath,
  DRIFT_FOLDER,
  devicePath,
  eventsPath,
  INDEX_PATH,
  planPath,
  publicationsPath,
  SCHEDULES_PATH,
  START_PATH,
} from './paths.ts';
import {
  parseCommands,
  parseDeviceDrift,
  parseDeviceState,
  parseLedgerStart,
  parsePublications,
  parseSchedules,
} from './records-codec.ts';
import type { Run } from './run.ts';
import type { RunFolders } from './run-directory.ts';
import { emptyIndex, indexFits, indexOf, type RunIndex, runIndexShape } from './run-index.ts';
import { compareText } from './sorted-list.ts';

/** A {@link LedgerView} and what is needed to add to it. */
export interface LedgerSnapshot extends LedgerView {
  /** @returns `undefined` when there is no such run. */
  runFolderOf(name: string): Promise<string | undefined>;
  runIndex(): Promise<RunIndex>;
  /** What was read of it so far, by path; `undefined` where there is no such file. */
  filesRead(): FilesRead;
}

export type FilesRead = ReadonlyMap<string, string | undefined>;

export interface SnapshotDeps {
  readonly repository: Repository;
  /** Absent while the branch does not exist: then everything is empty. */
  readonly tip: ObjectId | undefined;
  readonly runFoldersAt: (tip: ObjectId) => Promise<RunFolders>;
  readonly log: Log;
  /** What is known of files at this commit without reading them. */
  readonly known?: FilesRead;
}

/** The ledger at one commit. What was read once is not read again; what cannot be read throws, and is never empty. */
export function createSnapshot({ repository, tip, runFoldersAt, log, known }: SnapshotDeps): LedgerSnapshot {
  const remember = createMemory();

  const read = createReader(repository, tip);
  const texts = new Map(known);
  const file = (path: string) =>
    remember(`file ${path}`, async () => {
      if (!texts.has(path)) texts.set(path, await read(path));
      return texts.get(path);
    });

  const folders = () =>
    remember('folders', async (): Promise<RunFolders> => (tip === undefined ? new Map() : runFoldersAt(tip)));

  async function foldAt(name: string, folder: string): Promise<Run> {
    const path = eventsPath(folder);
    return foldStored(name, path, (await file(path)) ?? '');
  }

  /** Many runs in one conversation with Git: one by one would start processes for each. */
  async function readMany(runs: RunFolders, below: string): Promise<readonly StoredRun[]> {
    if (tip === undefined || runs.size === 0) return [];
    const blobs = new Map((await repository.listFiles(tip, below)).map(({ path, blob }) => [path, blob]));
    const found = [...runs].map(([name, folder]) => ({ name, path: eventsPath(folder) }));
    const contents = await repository.readBlobs(found.flatMap(({ path }) => blobs.get(path) ?? []));
    return found.map(({ name, path }) => ({
      name,
      path,
      content: contents.get(blobs.get(path) ?? '')?.toString('utf8') ?? '',
    }));
  }

  async function foldAll(): Promise<readonly Run[]> {
    const stored = await readMany(await folders(), 'runs');
    return stored.map(({ name, path, content }) => foldStored(name, path, content));
  }

  /** By month, newest first: `runs/yyyy/mm` and the runs in it. */
  async function months(): Promise<readonly (readonly [month: string, runs: RunFolders])[]> {
    const byMonth = Map.groupBy(await folders(), ([, folder]) => folder.slice(0, 'runs/yyyy/mm'.length));
    return [...byMonth].sort(([a], [b]) => (a < b ? 1 : -1)).map(([month, runs]) => [month, new Map(runs)] as const);
  }

  async function* newestRuns(mayFit: (text: string) => boolean = () => true): AsyncGenerator<Run> {
    for (const [month, runs] of await months()) {
      const found = (await readMany(runs, month)).filter(({ content }) => mayFit(content));
      const stored = found.map((run) => ({ ...run, startedAt: startOf(run) }));
      stored.sort((a, b) => b.startedAt - a.startedAt || compareText(a.name, b.name));
      for (const { name, path, content } of stored) yield foldStored(name, path, content);
    }
  }

  const runIndex = () =>
    remember('index', async (): Promise<RunIndex> => {
      if (tip === undefined) return emptyIndex;
      const stored = readIndex(await file(INDEX_PATH));
      if (stored && indexFits(stored, await folders())) return stored;
      log.warn({ tip, stored: stored !== undefined }, 'run index did not fit, made anew from all runs');
      return indexOf(await foldAll());
    });

  const run = (name: string) =>
    remember(`run ${name}`, async () => {
      const folder = (await folders()).get(name);
      return folder === undefined ? undefined : foldAt(name, folder);
    });

  return {
    ...(tip === undefined ? {} : { tip }),
    file,
    run,
    runIndex,
    filesRead: () => texts,

    async runFolderOf(name) {
      return (await folders()).get(name);
    },

    async events(name) {
      const folder = (await folders()).get(name);
      if (folder === undefined) return [];
      const path = eventsPath(folder);
      return parseEvents((await file(path)) ?? '', path);
    },

    runNames: async () => (await months()).flatMap(([, runs]) => [...runs.keys()]),
    newestRuns,

    openRuns: () =>
      remember('open runs', async () => {
        const { open } = await runIndex();
        const runs = await Promise.all(open.map(({ name, folder }) => foldAt(name, folder)));
        return runs.filter(({ status }) => !hasEnded(status));
      }),

    async startedAtCommit() {
      const json = await file(START_PATH);
      return json === undefined ? undefined : parseLedgerStart(json, START_PATH).startedAtCommit;
    },

    async publications(pullRequest) {
      const path = publicationsPath(pullRequest);
      const lines = await file(path);
      return lines === undefined ? [] : parsePublications(lines, path);
    },

    plan: async (pullRequest, digest) => file(planPath(pullRequest, digest, 'json')),

    async device(site, device) {
      const path = devicePath(site, device);
      const json = await file(path);
      return json === undefined ? undefined : parseDeviceState(json, path);
    },

    drifting: () =>
      remember('drift', async (): Promise<readonly DeviceDrift[]> => {
        const found = tip === undefined ? [] : await repository.listFiles(tip, DRIFT_FOLDER);
        const contents = await repository.readBlobs(found.map(({ blob }) => blob));
        return found.map(({ path, blob }) => parseDeviceDrift(contents.get(blob)?.toString('utf8') ?? '', path));
      }),

    async schedules() {
      const json = await file(SCHEDULES_PATH);
      return json === undefined ? new Map<string, ScheduleRecord>() : parseSchedules(json, SCHEDULES_PATH);
    },

    async commands(pullRequest) {
      const path = commandsPath(pullRequest);
      const records = parseCommands((await file(path)) ?? '', path);
      return new Map(records.map((record) => [record.comment, record]));
    },
  };
}

/** What stands on the branch of one run. */
interface StoredRun {
  readonly name: string;
  readonly path: string;
  readonly content: string;
}

/** Its first event's, which is all that has to be understood to put runs in order. */
function startOf({ path, content }: StoredRun): number {
  return parseEvents(content.slice(0, content.indexOf('\n') + 1), path)[0]?.at ?? 0;
}

/** @throws {LedgerUnreadableError} Also for events that cannot follow each other, and for none: we write neither. */
function foldStored(name: string, file: string, content: string): Run {
  const events = parseEvents(content, file);
  let run: Run | undefined;
  try {
    run = foldRun(name, events);
  } catch (cause) {
    if (!(cause instanceof PointsmanError)) throw cause;
    const line = lineOfTrouble(name, events);
    throw new LedgerUnreadableError({ file, line, problem: cause.message }, { cause });
  }
  if (!run) throw new LedgerUnreadableError({ file, problem: 'it holds no event' });
  return run;
}

/** Which of the events cannot follow those before it, from 1. */
function lineOfTrouble(name: string, events: readonly RunEvent[]): number {
  let run: Run | undefined;
  for (const [index, event] of events.entries()) {
    try {
      run = foldEvent(name, run, event);
    } catch {
      return index + 1;
    }
  }
  return events.length;
}

/** The index is derived: one that cannot be read is as good as none. */
function readIndex(json: string | undefined): RunIndex | undefined {
  if (json === undefined) return undefined;
  try {
    return parseShaped<RunIndex>(json, runIndexShape, { file: INDEX_PATH });
  } catch (error) {
    if (error instanceof LedgerUnreadableError) return undefined;
    throw error;
  }
}

/** Reads files. Those asked for in one go are read in one go: a thousand devices must not be a thousand processes. */
function createReader(repository: Repository, tip: ObjectId | undefined) {
  let asked: { readonly paths: Set<string>; readonly found: Promise<ReadonlyMap<string, string>> } | undefined;

  async function readTogether(at: ObjectId, paths: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
    await setImmediate(); // Whoever asks in the same turn is heard.
    asked = undefined;
    return repository.readFiles(at, [...paths]);
  }

  return async (path: string): Promise<string | undefined> => {
    if (tip === undefined) return undefined;
    if (!asked) {
      const paths = new Set<string>();
      asked = { paths, found: readTogether(tip, paths) };
    }
    asked.paths.add(path);
    return (await asked.found).get(path);
  };
}

/** Each question is asked once; a question that failed may be asked again. */
function createMemory() {
  const answers = new Map<string, Promise<unknown>>();
  return <Answer>(question: string, ask: () => Promise<Answer>): Promise<Answer> => {
    const known = answers.get(question);
    if (known) return known as Promise<Answer>;
    const asked = ask();
    answers.set(question, asked);
    asked.catch(() => answers.delete(question));
    return asked;
  };
}
