/** An emulated NVUE switch: starts one, drives it, asks it what happened. */
import type { Json, Tree, TreePath } from '../../schemas/json.ts';
import type { SandboxClock } from '../clock.ts';
import { basicCredentials, logIn } from './accounts.ts';
import { type Outcome, type RawRequest, startApiServer } from './api-server.ts';
import { createApplyEngine } from './apply-engine.ts';
import type { ApplyFault } from './apply-faults.ts';
import { issueSelfSigned } from './certificates.ts';
import { createFaults, type FaultControls } from './faults.ts';
import { createOutOfBand, type OutOfBand } from './out-of-band.ts';
import { expandRangeKeys } from './ranges.ts';
import { managementLost, restartsApi } from './reachability.ts';
import { notFound, problem, type Reply, unauthorised } from './replies.ts';
import { createRequestLog, type RecordedRequest, type RequestListener } from './request-log.ts';
import { createRevisionStore, savesByItself } from './revisions.ts';
import { createApi } from './routes.ts';
import { encryptionIsOn, encryptSecrets } from './secrets.ts';
import { profiles, type SwitchSpec } from './switch-spec.ts';

export interface EmulatedSwitch {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** `sha256:<64 hex>` of the certificate's DER. */
  readonly pin: string;
  readonly certificatePem: string;
  /** What is live now. */
  applied(): Tree;
  /** What it would boot into. */
  startup(): Tree;
  /** All it still knows, oldest first. */
  revisions(): readonly { readonly id: string; readonly state: string }[];
  /** Why nothing answers; absent when it does. */
  unreachable(): string | undefined;
  /** Every request so far, in order. Without passwords. */
  requests(): readonly RecordedRequest[];
  /** The most requests in any second of the sandbox's clock. */
  peakRequestsPerSecond(): number;
  /**
   * Called when a request was received, before it is acted on, and again after it was acted on, before the answer.
   * A promise it returns is waited for.
   *
   * @returns Stops calling.
   */
  onRequest(listener: RequestListener): () => void;
  readonly faults: FaultControls;
  readonly outOfBand: OutOfBand;
  /** Power off and on: what is not saved is lost. */
  reboot(): void;
  /** Frees the port, every connection and every timer. */
  close(): Promise<void>;
}

export interface StartSwitchOptions {
  readonly clock: SandboxClock;
  /** Bodies are kept with the requests; true unless given. A thousand switches would rather not. */
  readonly recordBodies?: boolean;
}

export function startSwitches(
  specs: readonly SwitchSpec[],
  options: StartSwitchOptions,
): Promise<readonly EmulatedSwitch[]> {
  return Promise.all(specs.map((spec) => startSwitch(spec, options)));
}

export async function startSwitch(spec: SwitchSpec, options: StartSwitchOptions): Promise<EmulatedSwitch> {
  const { clock } = options;
  const profile = profiles[spec.release];
  const host = spec.host ?? '127.0.0.1';
  const stepMilliseconds = spec.stepMilliseconds ?? 100;
  const certificate = spec.certificate ?? issueSelfSigned([host, spec.name]);
  const asStored = (tree: Tree): Tree =>
    profile.encryptsSecrets && encryptionIsOn(tree) ? encryptSecrets(tree, spec.serial) : tree;
  const born = asStored(expandRangeKeys(spec.configuration));

  const log = createRequestLog(clock, options.recordBodies ?? true);
  const editedFiles = new Set<string>();
  const timers = new Set<() => void>();
  let bootedAt = clock.now();
  let booting = false;
  let closed = false;
  /** Faults of the apply that made what is live now. */
  let liveFaults: readonly ApplyFault[] = [];
  let jobs = 0;
  const actions: Record<string, Tree> = {};

  const autoSave = (): boolean => savesByItself(store.applied().tree, spec.autoSave);
  const store = createRevisionStore({
    configuration: born,
    bornAs: savesByItself(born, spec.autoSave) ? 'applied_and_saved' : 'applied',
    keep: spec.maxRevisions ?? 100,
    now: () => clock.now(),
  });
  const faults = createFaults(clock, () => settleReachability());
  const engine = createApplyEngine({
    store,
    clock,
    profile,
    stepMilliseconds,
    promptMilliseconds: spec.promptMilliseconds ?? 60_000,
    savesByItself: autoSave,
    editedFiles,
    takeFaults: faults.takeApply,
    onLive(before, after, ofApply) {
      liveFaults = ofApply;
      if (restartsApi(before, after)) restartNginx();
      settleReachability();
    },
  });
  const api = createApi({
    spec,
    profile,
    clock,
    store,
    engine,
    asStored,
    situation: () => ({
      spec,
      profile,
      applied: store.applied().tree,
      uptimeSeconds: Math.floor((clock.now() - bootedAt) / 1000),
      linksDown: faults.linksDown,
      peersDown: faults.peersDown,
      neighbours: faults.neighbours,
      ailments: [
        ...faults.ailments,
        ...(liveFaults.some(({ kind }) => kind === 'unhealthy') ? ['frr.service is not running'] : []),
      ],
      served: log.all().length,
    }),
    act,
    actions: () => actions,
  });
  const server = await startApiServer({ host, port: spec.port ?? 0, certificate, handle });
  settleReachability();

  function unreachable(): string | undefined {
    if (booting) return 'it is booting';
    if (faults.isUnplugged()) return 'it is unplugged';
    if (liveFaults.some(({ kind }) => kind === 'lose-management')) return 'the applied configuration lost it';
    return managementLost(born, store.applied().tree);
  }

  function settleReachability(): void {
    if (unreachable() === undefined) server.open();
    else server.shut();
  }

  /** Connections break, then nginx is there and nvued is not, then all is well. */
  function restartNginx(): void {
    if (stepMilliseconds === 0) return;
    server.cut();
    faults.controls.badGatewayFor(2 * stepMilliseconds);
  }

  function later(milliseconds: number, fn: () => void): void {
    const cancel = clock.setTimer(milliseconds, () => {
      timers.delete(cancel);
      fn();
    });
    timers.add(cancel);
  }

  async function handle(raw: RawRequest): Promise<Outcome> {
    const { path, query, wellFormed } = parseTarget(raw.target);
    const credentials = basicCredentials(raw.authorization);
    const decoded = decodeURIComponent(wellFormed ? raw.target.replaceAll('+', '%20') : '');
    const body = parseBody(raw.body);
    const entry = log.receive({
      method: raw.method,
      path: raw.target,
      query,
      body: body.value,
      user: credentials?.[0],
    });
    await entry.tell('received');
    if (closed || unreachable() !== undefined) return { kind: 'drop' };

    const fault = faults.strike(raw.method, decoded);
    if (fault?.kind === 'drop-before') return { kind: 'drop' };
    if (fault?.kind === 'hang') return { kind: 'hang' };
    const reply = fault?.kind === 'reply' ? fault.reply : answer();
    entry.performed(reply.status);
    await entry.tell('performed');
    if (fault?.kind === 'drop-after') return { kind: 'drop' };
    if (fault?.kind === 'slow') await new Promise<void>((resolve) => later(fault.milliseconds, resolve));
    return { kind: 'reply', reply };

    function answer(): Reply {
      const account = credentials && logIn(spec, born, store.applied().tree, ...credentials);
      if (!account) return unauthorised(profile.unauthorisedAs);
      if (!wellFormed) return problem(400, 'The URL could not be understood.');
      if (!path) return notFound();
      if (!body.wellFormed) return problem(400, 'The request body is not valid JSON.');
      const value = body.value === undefined ? {} : { body: body.value };
      return api({ method: raw.method, path, query, account, ...value });
    }
  }

  function act(path: TreePath, body: Tree): string | undefined {
    const [verb] = Object.keys(body);
    if (path.join('/') !== 'system' || verb !== '@reboot') return undefined;
    const id = String(++jobs);
    actions[id] = { state: 'running', status: 'Rebooting', type: 'reboot', percentage: 0, 'http-status': 201 };
    reboot();
    return id;
  }

  function reboot(): void {
    engine.abort();
    store.boot();
    liveFaults = [];
    editedFiles.clear();
    const lasts = spec.bootMilliseconds ?? 50 * stepMilliseconds;
    booting = true;
    settleReachability();
    const up = (): void => {
      booting = false;
      bootedAt = clock.now();
      for (const [id, action] of Object.entries(actions)) {
        actions[id] = { ...action, state: 'action_success', percentage: 100 };
      }
      settleReachability();
    };
    if (lasts === 0) up();
    else later(lasts, up);
  }

  return {
    name: spec.name,
    host,
    port: server.port,
    pin: certificate.pin,
    certificatePem: certificate.certificatePem,
    applied: () => store.applied().tree,
    startup: () => store.startup(),
    revisions: () => store.all().map(({ id, state }) => ({ id, state })),
    unreachable,
    requests: () => log.all(),
    peakRequestsPerSecond: () => log.peakPerSecond(),
    onRequest: log.listen,
    faults: faults.controls,
    outOfBand: createOutOfBand({
      store,
      engine,
      editedFiles,
      savesByItself: autoSave,
      asStored,
      onLive: () => {
        liveFaults = [];
        settleReachability();
      },
    }),
    reboot,
    async close() {
      closed = true;
      engine.abort();
      for (const cancel of timers) cancel();
      timers.clear();
      await server.close();
    },
  };
}

interface ParsedTarget {
  /** Below `/nvue_v1`; absent outside of it. */
  readonly path?: TreePath;
  readonly query: URLSearchParams;
  readonly wellFormed: boolean;
}

/** Segments are decoded one by one, after splitting: `%2F` is part of a revision's id. */
function parseTarget(target: string): ParsedTarget {
  const [pathname = ''] = target.split('?', 1);
  const query = new URLSearchParams(target.slice(pathname.length + 1));
  const below = /^\/(?:nvue_v1|cue_v1)(?:\/(.*))?$/.exec(pathname);
  try {
    decodeURIComponent(target);
    if (!below) return { query, wellFormed: true };
    const segments = (below[1] ?? '').split('/').filter((segment) => segment !== '');
    return { path: segments.map(decodeURIComponent), query, wellFormed: true };
  } catch {
    return { query, wellFormed: false };
  }
}

/** Clients send nothing at all, `{}`, or zero chunks under a JSON content type: all of it is no body. */
function parseBody(text: string): { readonly value?: Json; readonly wellFormed: boolean } {
  if (text.trim() === '') return { wellFormed: true };
  try {
    return { value: JSON.parse(text) as Json, wellFormed: true };
  } catch {
    return { wellFormed: false };
  }
}
