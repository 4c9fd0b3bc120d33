import type { Problem } from '../schemas/problem.ts';
import type { SiteOutlook } from './comment-context.ts';
import type { Plan, PlanSource } from './plan.ts';

/** What a request would do, step by step, without doing any of it. */
export interface Simulation {
  readonly workflow: string;
  /** Name of the file in `requests/`. */
  readonly request?: string;
  /** Foreign text. */
  readonly reason?: string;
  readonly targets: {
    readonly count: number;
    /** How many at each site, by its name. */
    readonly bySite: Readonly<Record<string, number>>;
    /** Sorted by site, then name. */
    readonly names: readonly string[];
  };
  readonly stages: readonly SimulatedStage[];
  /** In the order they would be done; none where nothing would change, or where that is not known. */
  readonly batches: readonly SimulatedBatch[];
  /** How many switches would be read, and how many at most would be changed. */
  readonly dispatched: { readonly reads: number; readonly changes: number };
  /** By earlier runs of the workflow: seconds a switch, the median of so many runs. */
  readonly expected?: { readonly seconds: number; readonly from: number };
  /** Why nothing would begin now though nobody has to do anything. May quote foreign text. */
  readonly waits: readonly { readonly why: string; readonly until?: number }[];
  /** What cannot be told without asking the switches. Our own words. */
  readonly unknown: readonly string[];
  /** What there is to know of switches that would change, equal things once. May quote foreign text. */
  readonly notes: readonly { readonly note: string; readonly devices: readonly string[] }[];
  /** What would not be done at all: of the whole request, or of a switch. May quote foreign text. */
  readonly refusals: readonly { readonly what: string; readonly why: string; readonly next: string }[];
}

export interface SimulatedStage {
  readonly name: string;
  readonly does: string;
  /** Who would be asked, in words. Quotes the rules. */
  readonly asks?: readonly string[];
  /** Switches it would change. */
  readonly touches: number;
  /** Why it would not be come to. Our own words. */
  readonly skipped?: string;
}

export interface SimulatedBatch {
  readonly number: number;
  readonly canary?: boolean;
  /** An approval of its own would be asked for. */
  readonly gate?: boolean;
  readonly devices: readonly string[];
  /** Its sites where nothing would be begun now, and when they open. */
  readonly opens?: readonly SiteOutlook[];
}

/** Instead of a plan, where a pull request only brings requests that read. */
export interface Requested {
  readonly source: Omit<PlanSource, 'readFrom' | 'readTo'>;
  /** One for each request, in path order. */
  readonly simulations: readonly Simulation[];
}

export interface SimulationInput {
  readonly workflow: {
    readonly name: string;
    readonly kind: 'deploy' | 'batches' | 'batch' | 'read';
    readonly stages: readonly {
      readonly name: string;
      readonly does: string;
      readonly waitsForApproval: boolean | 'asked';
      readonly touchesDevice: boolean;
    }[];
  };
  readonly request?: { readonly name: string; readonly reason: string };
  /** Every switch it is about, in any order. */
  readonly targets: readonly { readonly device: string; readonly site: string }[];
  /** As the switches are now. Absent where none was asked, and for what only reads. */
  readonly plan?: Plan;
  /** Whose approval the plan needs, or would at most. */
  readonly asks: readonly string[];
  /** Sites where nothing would be begun now. */
  readonly closed: readonly SiteOutlook[];
  readonly waits: Simulation['waits'];
  readonly expected?: Simulation['expected'];
  /** Of the request as a whole: nothing of it would be done, whomever it is about. */
  readonly problems: readonly Problem[];
}

/** Puts together what a request would do. The same input gives the same simulation. */
export function makeSimulation(input: SimulationInput): Simulation {
  const { workflow, request, plan, expected, problems } = input;
  const targets = input.targets.toSorted((a, b) => compareText(a.site, b.site) || compareText(a.device, b.device));
  const isRefused = problems.length > 0;
  const isUnknown = workflow.kind !== 'read' && !plan && !isRefused;
  const changes = isRefused ? 0 : isUnknown ? targets.length : changingIn(plan);
  const refused = plan?.devices.filter((device) => device.kind === 'blocked') ?? [];
  return {
    workflow: workflow.name,
    ...(request ? { request: request.name, reason: request.reason } : {}),
    targets: {
      count: targets.length,
      bySite: Object.fromEntries(
        [...new Set(targets.map(({ site }) => site))].map((site) => [
          site,
          targets.filter((one) => one.site === site).length,
        ]),
      ),
      names: targets.map(({ device }) => device),
    },
    stages: stagesOf(input, changes, isRefused),
    batches: batchesOf(input),
    dispatched: { reads: targets.length, changes },
    ...(expected && !isRefused ? { expected } : {}),
    waits: isRefused ? [] : [...input.waits, ...(isUnknown ? waitsAt(input.closed) : [])],
    unknown: isUnknown ? UNKNOWN : [],
    notes: notesOf(plan),
    refusals: [
      ...problems.map(({ file, line, column, message, hint }) => ({
        what: [file, line, column].filter((part) => part !== undefined).join(':'),
        why: hint === undefined ? message : `${message}; ${hint}`,
        next: 'Correct the request and simulate it again. No switch was contacted.',
      })),
      ...refused.map(({ device, error }) => ({ what: device, why: error.message, next: error.next })),
    ],
  };
}

/** 0: it would run. 1: it would be refused. 3: some of it would be, it would wait, or that is not known. */
export function exitCodeOfSimulation(simulation: Simulation): 0 | 1 | 3 {
  if (isRefusedWhole(simulation)) return 1;
  const { stages, batches, waits, refusals, unknown } = simulation;
  const asks = stages.some(({ asks: who = [] }) => who.length > 0);
  const isHeld = batches.some(({ gate = false, opens = [] }) => gate || opens.length > 0);
  return asks || isHeld || [...waits, ...refusals, ...unknown].length > 0 ? 3 : 0;
}

/** Whether nothing of it would be done. */
export function isRefusedWhole({ refusals, targets }: Simulation): boolean {
  return refusals.length > 0 && refusals.length >= targets.count;
}

const UNKNOWN = [
  'which switches would change, and so how many approvals are needed and what is in which batch: none was asked',
];

function changingIn(plan: Plan | undefined): number {
  return plan?.groups.reduce((sum, { devices }) => sum + devices.length, 0) ?? 0;
}

function notesOf(plan: Plan | undefined): Simulation['notes'] {
  const byNote = new Map<string, string[]>();
  for (const device of plan?.devices ?? []) {
    if (device.kind !== 'changing') continue;
    for (const note of device.notes) byNote.set(note, [...(byNote.get(note) ?? []), device.device]);
  }
  return [...byNote].map(([note, devices]) => ({ note, devices }));
}

function stagesOf({ workflow, asks }: SimulationInput, changes: number, isRefused: boolean): readonly SimulatedStage[] {
  const released = workflow.stages.findIndex(({ waitsForApproval }) => waitsForApproval === true);
  return workflow.stages.map(({ name, does, waitsForApproval, touchesDevice }, index) => {
    // What starts runs of its own changes what these do.
    const isTouching = touchesDevice || (workflow.kind === 'batches' && index === workflow.stages.length - 1);
    const nothing = workflow.kind !== 'read' && changes === 0 && index > released ? 'nothing would change' : undefined;
    const skipped = isRefused ? 'it is refused' : nothing;
    return {
      name,
      does,
      ...(waitsForApproval === true && changes > 0 && asks.length > 0 ? { asks } : {}),
      touches: isTouching ? changes : 0,
      ...(skipped === undefined ? {} : { skipped }),
    };
  });
}

/** What is not divided is one batch: its windows are of interest all the same. */
function batchesOf({ plan, closed }: SimulationInput): readonly SimulatedBatch[] {
  const changing = plan?.devices.filter(({ kind }) => kind === 'changing') ?? [];
  if (changing.length === 0) return [];
  const siteOf = new Map(changing.map(({ device, site }) => [device, site]));
  const all = { number: 1, devices: changing.map(({ device }) => device) };
  const batches: readonly SimulatedBatch[] = plan?.batches ?? [all];
  return batches.map((batch) => {
    const sites = new Set(batch.devices.map((device) => siteOf.get(device)));
    const opens = closed.filter(({ site }) => sites.has(site));
    return opens.length > 0 ? { ...batch, opens } : batch;
  });
}

function waitsAt(closed: readonly SiteOutlook[]): Simulation['waits'] {
  return closed.map(({ site, why, at }) => ({ why: `${site} is ${why}`, ...(at === undefined ? {} : { until: at }) }));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
