import type { Login, Session, Target } from '../../drivers/driver.ts';
import { driverFor } from '../../drivers/registry.ts';
import { createManualClock, type ManualClock } from '../../sandbox/clock.ts';
import { type EmulatedSwitch, startSwitch } from '../../sandbox/switches/emulated-switch.ts';
import type { SwitchSpec } from '../../sandbox/switches/switch-spec.ts';
import type { Clock } from '../../schemas/clock.ts';
import type { Json, Tree } from '../../schemas/json.ts';
import type { Log } from '../../schemas/log.ts';

/** One emulated switch on a clock that runs only while the driver waits, and everything needed to talk to it. */
export interface Lab {
  readonly switch: EmulatedSwitch;
  readonly clock: ManualClock;
  /** Every log line, as JSON. */
  readonly logged: string[];
  readonly target: Target;
  /** A session of its own, closed with the lab. */
  open(change?: Partial<Target>): Promise<Session>;
  /** What went over the wire since the last call, as `METHOD /path?query body`, without `/nvue_v1`. */
  wire(): readonly string[];
  close(): Promise<void>;
}

export const ADMIN = { username: 'cumulus', password: 'canary-Adm1n-passw0rd' } satisfies Login;
export const MONITOR = { username: 'watcher', password: 'canary-M0nitor' } satisfies Login;

/** Small, and with everything the driver has to take care of: management, secrets as value and as key, ranges, BGP. */
export const BASE: Tree = {
  system: {
    hostname: 'leaf01',
    aaa: {
      user: {
        cumulus: { 'hashed-password': '$6$canarysalt$canaryhash', role: 'system-admin' },
        watcher: { 'hashed-password': '$6$canarysalt$canarywatcher', role: 'nvue-monitor' },
      },
    },
  },
  interface: {
    eth0: { ip: { address: { '192.0.2.11/24': {} }, vrf: 'mgmt', gateway: { '192.0.2.1': {} } }, type: 'eth' },
    lo: { ip: { address: { '10.10.10.1/32': {} } }, type: 'loopback' },
    'swp1-2': { type: 'swp', link: { mtu: 9216 } },
  },
  router: { bgp: { enable: 'on', 'autonomous-system': 65101, 'router-id': '10.10.10.1' } },
  vrf: {
    default: {
      router: {
        bgp: {
          enable: 'on',
          neighbor: {
            swp1: { type: 'unnumbered', 'remote-as': 'external' },
            swp2: { type: 'unnumbered', 'remote-as': 'external' },
          },
        },
      },
    },
  },
};

export async function createLab(spec: Partial<SwitchSpec> = {}, base: Tree = BASE): Promise<Lab> {
  const clock = createManualClock();
  const platform = spec.platform ?? 'cumulus';
  const emulated = await startSwitch(
    {
      name: 'leaf01',
      serial: 'MT0001',
      release: '5.11',
      configuration: base,
      users: [
        { ...ADMIN, role: 'system-admin' },
        { ...MONITOR, role: 'nvue-monitor' },
      ],
      hashes: { $6$canarysalt$canaryhash: ADMIN.password, $6$canarysalt$canarywatcher: MONITOR.password },
      stepMilliseconds: 300,
      ...spec,
      platform,
    },
    { clock },
  );
  const logged: string[] = [];
  const log = recordingLog(logged);
  const target: Target = {
    device: 'leaf01',
    host: emulated.host,
    port: emulated.port,
    tls: { pins: [emulated.pin] },
    logins: [ADMIN],
  };
  const sessions: Session[] = [];
  let seen = 0;
  return {
    switch: emulated,
    clock,
    logged,
    target,
    async open(change = {}) {
      const deps = { clock: drivenClock(clock), log, pollMilliseconds: 1000 };
      const session = await driverFor(platform).open({ ...target, ...change }, deps, never);
      sessions.push(session);
      return session;
    },
    wire() {
      const all = emulated.requests();
      const fresh = all.slice(seen);
      seen = all.length;
      return fresh.map(
        ({ method, path, body }) => `${method} ${decode(path)}${method === 'PATCH' ? bodyOf(body) : ''}`,
      );
    },
    async close() {
      await Promise.all(sessions.map((session) => session.close()));
      await emulated.close();
    },
  };
}

export const never = new AbortController().signal;

/** `base` with a merge-patch laid over it, for saying what is intended in terms of what runs. */
export function changed(base: Tree, path: readonly string[], value: Json): Tree {
  const [key = '', ...rest] = path;
  const below = base[key];
  const child = rest.length === 0 ? value : changed((below ?? {}) as Tree, rest, value);
  const others = Object.entries(base).filter(([name]) => name !== key);
  return Object.fromEntries(child === null ? others : [...others, [key, child]]) as Tree;
}

/** Waiting is what makes the time pass. */
export function drivenClock(clock: ManualClock): Clock {
  return {
    now: clock.now,
    async sleep(milliseconds, signal) {
      signal.throwIfAborted();
      clock.advance(milliseconds);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

export function recordingLog(lines: string[]): Log {
  const write = (level: string) => (fields: object, message: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields, errorsToo)}`);
  };
  const log: Log = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => log,
  };
  return log;
}

function errorsToo(_key: string, value: unknown): unknown {
  return value instanceof Error ? { ...value, message: value.message, stack: value.stack, cause: value.cause } : value;
}

function decode(path: string): string {
  return path.replace(/^\/nvue_v1/, '').replaceAll('%2F', '%2F');
}

function bodyOf(body: Json | undefined): string {
  const text = JSON.stringify(body ?? null);
  return text.length > 160 ? ' <tree>' : ` ${text}`;
}
