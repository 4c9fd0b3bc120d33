/** State is `fold(events)`, and this is the fold. Pure: the same events give the same run, in whatever batches they come. */
import { IllegalMoveError, LeaseLostError } from './errors.ts';
import type { RunEvent, StageState } from './events.ts';
import { hasEnded, isLegalRunMove, isLegalStageMove, isPaused } from './legal-moves.ts';
import type { ChildRecord, DeviceRecord, Lease, Pause, Run, StageRecord } from './run.ts';
import { compareText, placeIn } from './sorted-list.ts';

type EventOf<Kind extends RunEvent['kind']> = Extract<RunEvent, { readonly kind: Kind }>;
type StageEvent = EventOf<
  | 'stage-moved'
  | 'decided'
  | 'intent'
  | 'gate-opened'
  | 'retry-delayed'
  | 'child-started'
  | 'child-ended'
  | 'barrier-decided'
  | 'artifact-written'
>;
type DeviceEvent = EventOf<'device-ended' | 'backed-up'>;
type Place = Pick<DeviceRecord, 'site' | 'device'>;

/**
 * The run that `events` tell of.
 *
 * @returns `undefined` for no events.
 * @throws {IllegalMoveError} An event that is not legal where it stands.
 * @throws {LeaseLostError} A lease extended by somebody who does not hold it.
 */
export function foldRun(name: string, events: readonly RunEvent[]): Run | undefined {
  return foldEvents(name, undefined, events);
}

/**
 * Some events more; see {@link foldRun}. What is said of many switches in a row is taken in one go: one by one, each would copy
 * all of them, and a run is about hundreds.
 */
export function foldEvents(name: string, before: Run | undefined, events: readonly RunEvent[]): Run | undefined {
  let run = before;
  let row: DeviceEvent[] = [];
  for (const event of events) {
    if (run && isOfDevice(event)) {
      row.push(event);
      continue;
    }
    if (run && row.length > 0) run = devicesTold(run, row);
    row = [];
    run = foldEvent(name, run, event);
  }
  return run && row.length > 0 ? devicesTold(run, row) : run;
}

/** One event more; see {@link foldRun}. */
export function foldEvent(name: string, run: Run | undefined, event: RunEvent): Run {
  if (event.kind === 'run-started') {
    if (run) throw new IllegalMoveError({ run: name, event: event.kind, why: 'it has been started already' });
    return started(name, event);
  }
  if (!run) throw new IllegalMoveError({ run: name, event: event.kind, why: 'it has not been started' });
  switch (event.kind) {
    case 'device-ended':
    case 'backed-up':
      return devicesTold(run, [event]);
    case 'child-ended':
      return childEnded(run, event);
    case 'run-ended':
      return ended(run, event);
  }
  // What a switch did is recorded whenever it is learned; anything that would go on with a run is not, once it ended.
  if (hasEnded(run.status)) {
    throw new IllegalMoveError({
      run: name,
      event: event.kind,
      from: run.status,
      why: `the run has ended, ${run.status}`,
    });
  }
  switch (event.kind) {
    case 'stage-moved':
      return stageMoved(run, event);
    case 'planned':
      return planned(run, event);
    case 'gate-opened':
      requireStage(run, event);
      return { ...run, gate: event.pullRequest };
    case 'decided':
      return decided(run, event);
    case 'run-paused':
      return paused(run, event);
    case 'run-resumed':
      return resumed(run, event);
    case 'end-wanted':
      return endWanted(run, event);
    case 'intent':
      return intended(run, event);
    case 'lease-extended':
      return leaseExtended(run, event);
    case 'retry-delayed':
      return retryDelayed(run, event);
    case 'held':
      return held(run, event);
    case 'child-started':
      return childStarted(run, event);
    case 'barrier-decided':
      return barrierDecided(run, event);
    case 'artifact-written':
      requireStage(run, event);
      return run.artifacts.includes(event.file) ? run : { ...run, artifacts: [...run.artifacts, event.file] };
  }
}

/** `site/device`, the name a lease knows a device by. */
export function deviceKey({ site, device }: Place): string {
  return `${site}/${device}`;
}

function started(name: string, event: EventOf<'run-started'>): Run {
  const { kind: _kind, at, workflow, commit, stages, ...origin } = event;
  return {
    name,
    workflow,
    commit,
    ...origin,
    status: 'RUNNING',
    startedAt: at,
    stages: stages.map((stage) => ({
      name: stage,
      state: 'NOT_STARTED',
      history: [{ state: 'NOT_STARTED', at }],
      retries: 0,
      repetitions: 0,
      approvers: [],
      rejecters: [],
    })),
    children: [],
    artifacts: [],
    devices: [],
  };
}

function stageMoved(run: Run, event: EventOf<'stage-moved'>): Run {
  const { at, to, why, error, by, recovery } = event;
  if (stageOf(run, event).state === to) return run;
  return withStage(withoutHold(run), event, (stage) => {
    const from = stage.state;
    if (!isLegalStageMove(from, to, stage.gated === true)) {
      const gate = stage.gated ? ' (an approval was asked for)' : '';
      throw illegalStage(run, event, `stage ${stage.name} does not go from ${from} to ${to}${gate}`, { from, to });
    }
    const { name, history, gated, retries, repetitions, approvers, rejecters } = stage;
    const again = from === 'FAILED';
    return {
      name,
      state: to,
      history: [
        ...history,
        { state: to, at, ...(why === undefined ? {} : { why }), ...(by === undefined ? {} : { by }) },
      ],
      retries: again ? retries + 1 : retries,
      repetitions: again ? 0 : repetitions,
      // What was said of an earlier try stays on record in the events; it says nothing about this one.
      approvers: again ? [] : approvers,
      rejecters: again ? [] : rejecters,
      // A retry asks anew, or finds that there is nothing to ask for.
      ...(gated && to !== 'IN_PROGRESS' ? { gated } : {}),
      ...(error ? { error } : {}),
      ...(recovery ? { recovery } : {}),
    };
  });
}

function planned(run: Run, event: EventOf<'planned'>): Run {
  const before = new Map(run.devices.map((device) => [deviceKey(device), device]));
  const now = new Set(event.devices.map(deviceKey));
  // A switch the new plan does not name stays on the record only if something was done to it.
  const touched = run.devices.filter(
    (device) => !now.has(deviceKey(device)) && (device.attempts > 0 || device.outcome || device.backup),
  );
  const devices = [
    ...touched.map(({ digest: _gone, ...device }) => device),
    ...event.devices.map(({ site, device, digest }): DeviceRecord => {
      const { digest: _old, ...known } = before.get(deviceKey({ site, device })) ?? freshDevice({ site, device });
      return digest === undefined ? known : { ...known, digest };
    }),
  ];
  return { ...run, digest: event.digest, devices: devices.toSorted(comparePlaces) };
}

function decided(run: Run, event: EventOf<'decided'>): Run {
  const { digest, decision, by, why, at } = event;
  // Of one that is over it would say that it went through a gate which nobody ever stood at.
  requireState(run, event, ['IN_PROGRESS', 'PENDING_APPROVAL']);
  const people = by.map((login) => ({ by: login, at }));
  const gated = withStage(run, event, (stage) => ({
    ...stage,
    gated: true,
    ...(decision === 'granted' ? { approvers: people } : {}),
    ...(decision === 'rejected' ? { rejecters: people } : {}),
  }));
  return { ...gated, decision: { digest, decision, by, at, ...(why === undefined ? {} : { why }) } };
}

/**
 * The newest intent holds the lease. What an earlier one left unfinished comes with it: whoever takes a run over answers
 * for every switch in it that has no outcome yet.
 */
function intended(run: Run, event: EventOf<'intent'>): Run {
  const { owner, stage, deadline, fence } = event;
  refuseWhilePaused(run, event);
  const inHand = new Set(run.lease?.devices);
  if (run.endWanted && !event.devices.every((device) => inHand.has(deviceKey(device)))) {
    throw illegalStage(run, event, `${run.endWanted.by} wants it ended`);
  }
  const begun = withoutHold(withoutBarrier(withStage(run, event, ({ retryDelay: _over, ...known }) => known)));
  const touched = withDevices(
    begun,
    event.devices.map(({ site, device, candidatesBefore, baseToken }) => ({
      place: { site, device },
      change: ({ outcome: _earlierTry, ...known }) => ({
        ...known,
        attempts: known.attempts + 1,
        unsettled: known.unsettled + 1,
        candidatesBefore,
        baseToken,
      }),
    })),
  );
  const unfinished = new Set([...(run.lease?.devices ?? []), ...event.devices.map(deviceKey)]);
  const sameOwner = run.lease?.owner.id === owner.id;
  const until = sameOwner ? Math.max(run.lease?.deadline ?? deadline, deadline) : deadline;
  return withLease(touched, { owner, stage, deadline: until, fence, devices: [...unfinished].sort() });
}

function leaseExtended(run: Run, event: EventOf<'lease-extended'>): Run {
  // The last outcome may just have been recorded: there is nothing left to hold, and nobody else holds it.
  if (!run.lease) return run;
  if (run.lease.owner.id !== event.owner.id) {
    throw new LeaseLostError({ run: run.name, owner: event.owner.id, heldBy: run.lease.owner.id });
  }
  return withLease(run, { ...run.lease, deadline: event.deadline });
}

function retryDelayed(run: Run, event: EventOf<'retry-delayed'>): Run {
  const { until, attempt, of } = event;
  // What failed waits for a person; what is over waits for nobody.
  requireState(run, event, ['IN_PROGRESS', 'PENDING_APPROVAL', 'APPROVED']);
  return withStage(run, event, (stage) => ({ ...stage, repetitions: attempt, retryDelay: { until, attempt, of } }));
}

function held(run: Run, { why, until, at }: EventOf<'held'>): Run {
  const since = run.hold?.since ?? at;
  return { ...run, hold: { why, ...(until === undefined ? {} : { until }), since } };
}

function withoutHold(run: Run): Run {
  const { hold: _over, ...rest } = run;
  return rest;
}

function childStarted(run: Run, event: EventOf<'child-started'>): Run {
  refuseWhilePaused(run, event);
  if (run.endWanted) throw illegalStage(run, event, `${run.endWanted.by} wants it ended`);
  const { run: name, stage, at, batch, devices } = event;
  if (run.children.some((child) => child.run === name)) return run;
  const about = { ...(batch ? { batch } : {}), ...(devices === undefined ? {} : { devices }) };
  return { ...withoutHold(run), children: [...run.children, { run: name, stage, ...about, startedAt: at }] };
}

function childEnded(run: Run, event: EventOf<'child-ended'>): Run {
  const { run: name, status, outcomes, why, at } = event;
  const index = run.children.findIndex((child) => child.run === name);
  const child = run.children[index];
  if (!child) throw illegalStage(run, event, `it did not start ${name}`, { to: status });
  if (child.status === status) return run;
  if (child.status !== undefined || !hasEnded(status)) {
    const from = child.status ?? 'RUNNING';
    throw illegalStage(run, event, `${name} does not end from ${from} as ${status}`, { from, to: status });
  }
  const told: ChildRecord = { ...child, status, endedAt: at, outcomes, ...(why === undefined ? {} : { why }) };
  return { ...run, children: run.children.with(index, told) };
}

/** Somebody may have confirmed by now: another decision would leave a mixture. */
function barrierDecided(run: Run, event: EventOf<'barrier-decided'>): Run {
  requireStage(run, event);
  const { stage, decision, why } = event;
  if (run.barrier && run.barrier.decision !== decision) {
    throw illegalStage(run, event, `it was decided already: ${run.barrier.decision}`);
  }
  return run.barrier ? run : { ...run, barrier: { stage, decision, why } };
}

/** As long as a switch has no outcome, what was decided for all of them is what is done with it, whoever takes over. */
function withoutBarrier(run: Run): Run {
  if (run.lease) return run;
  const { barrier: _carriedOut, ...rest } = run;
  return rest;
}

/** What is being done to a switch is brought to its end first, by whoever does it or by whoever takes it over. */
function paused(run: Run, { by, at, why, automatic }: EventOf<'run-paused'>): Run {
  const how = { ...(why === undefined ? {} : { why }), ...(automatic ? { automatic } : {}) };
  const pause: Pause = { by, at, ...how };
  const before = run.paused ?? run.pauseWanted;
  // Who held it first stays on record; but the kill switch lets go by itself, and a person who said so too does not.
  if (before && (!before.automatic || automatic)) return run;
  if (run.lease) return { ...run, pauseWanted: pause };
  return { ...run, status: 'PAUSED', paused: pause };
}

function resumed(run: Run, _event: EventOf<'run-resumed'>): Run {
  const { paused: _by, pauseWanted: _wanted, ...rest } = run;
  return { ...rest, status: 'RUNNING' };
}

function endWanted(run: Run, { by, at, why }: EventOf<'end-wanted'>): Run {
  return run.endWanted ? run : { ...run, endWanted: { by, at, ...(why === undefined ? {} : { why }) } };
}

function isOfDevice(event: RunEvent): event is DeviceEvent {
  return event.kind === 'device-ended' || event.kind === 'backed-up';
}

function devicesTold(run: Run, events: readonly DeviceEvent[]): Run {
  const told = withDevices(
    run,
    events.map((event) => ({ place: event, change: (device: DeviceRecord) => deviceTold(device, event) })),
  );
  if (!run.lease) return told;
  const over = new Set(events.filter(({ kind }) => kind === 'device-ended').map(deviceKey));
  return withLease(told, { ...run.lease, devices: run.lease.devices.filter((key) => !over.has(key)) });
}

function deviceTold(device: DeviceRecord, event: DeviceEvent): DeviceRecord {
  if (event.kind === 'backed-up') return { ...device, backup: event.file };
  return { ...device, unsettled: 0, outcome: event.outcome };
}

function ended(run: Run, event: EventOf<'run-ended'>): Run {
  const { status, at, why, by, recovery } = event;
  if (!hasEnded(status) || !isLegalRunMove(run.status, status)) {
    const moved = { from: run.status, to: status };
    throw new IllegalMoveError({
      run: run.name,
      event: event.kind,
      ...moved,
      why: `a run does not end from ${run.status} as ${status}`,
    });
  }
  if (run.status === status) return run;
  const { lease: _released, paused: _by, pauseWanted: _held, endWanted: _wanted, hold: _over, ...rest } = run;
  const how = {
    ...(why === undefined ? {} : { why }),
    ...(by === undefined ? {} : { endedBy: by }),
    ...(recovery ? { recovery } : {}),
  };
  const stages = run.stages.map(({ retryDelay: _never, ...stage }) => stage);
  return { ...rest, status, endedAt: at, ...how, stages };
}

function withStage(
  run: Run,
  event: EventOf<'stage-moved' | 'decided' | 'intent' | 'retry-delayed'>,
  change: (stage: StageRecord) => StageRecord,
): Run {
  requireStage(run, event);
  return { ...run, stages: run.stages.map((stage) => (stage.name === event.stage ? change(stage) : stage)) };
}

function requireStage(run: Run, event: StageEvent): void {
  stageOf(run, event);
}

function requireState(run: Run, event: StageEvent, states: readonly StageState[]): void {
  const { state } = stageOf(run, event);
  if (states.includes(state)) return;
  throw illegalStage(run, event, `stage ${event.stage} is ${state}`, { from: state });
}

/** Nothing is begun in a run that somebody holds, whatever the engine forgot to look at. */
function refuseWhilePaused(run: Run, event: StageEvent): void {
  requireStage(run, event);
  if (isPaused(run.status)) throw illegalStage(run, event, 'the run is paused', { from: run.status });
}

function stageOf(run: Run, event: StageEvent): StageRecord {
  const stage = run.stages.find(({ name }) => name === event.stage);
  if (!stage) throw illegalStage(run, event, `it has no stage ${event.stage}`);
  return stage;
}

function illegalStage(
  run: Run,
  event: StageEvent,
  why: string,
  move: { readonly from?: string; readonly to?: string } = {},
): IllegalMoveError {
  return new IllegalMoveError({ run: run.name, event: event.kind, stage: event.stage, ...move, why });
}

interface DeviceChange {
  readonly place: Place;
  readonly change: (device: DeviceRecord) => DeviceRecord;
}

/** Changes in their order; one device may have several. */
function withDevices(run: Run, changes: readonly DeviceChange[]): Run {
  const [only, ...others] = changes;
  if (only && others.length === 0) return withDevice(run, only);
  const devices = new Map(run.devices.map((device) => [deviceKey(device), device]));
  const known = devices.size;
  for (const { place, change } of changes) {
    const key = deviceKey(place);
    devices.set(key, change(devices.get(key) ?? freshDevice(place)));
  }
  const all = [...devices.values()];
  // A Map keeps its order: only what was not there stands where it does not belong.
  return { ...run, devices: devices.size === known ? all : all.sort(comparePlaces) };
}

function withDevice(run: Run, { place, change }: DeviceChange): Run {
  const index = placeIn(run.devices, (device) => comparePlaces(device, place) < 0);
  const found = run.devices[index];
  const known = found && comparePlaces(found, place) === 0;
  return {
    ...run,
    devices: known
      ? run.devices.with(index, change(found))
      : run.devices.toSpliced(index, 0, change(freshDevice(place))),
  };
}

function freshDevice({ site, device }: Place): DeviceRecord {
  return { site, device, attempts: 0, unsettled: 0, candidatesBefore: [] };
}

function withLease(run: Run, lease: Lease): Run {
  const { lease: _before, ...rest } = run;
  return lease.devices.length > 0 ? { ...rest, lease } : heldAsWanted(rest);
}

function heldAsWanted({ pauseWanted, ...run }: Run): Run {
  return pauseWanted && !hasEnded(run.status) ? { ...run, status: 'PAUSED', paused: pauseWanted } : run;
}

function comparePlaces(a: Place, b: Place): number {
  return compareText(a.site, b.site) || compareText(a.device, b.device);
}
