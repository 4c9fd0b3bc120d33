import { Agent, request } from 'node:https';
import { onTestFinished } from 'vitest';
import { createManualClock, type ManualClock } from '../../../sandbox/clock.ts';
import { type EmulatedSwitch, startSwitch } from '../../../sandbox/switches/emulated-switch.ts';
import type { SwitchSpec } from '../../../sandbox/switches/switch-spec.ts';
import type { Tree } from '../../../schemas/json.ts';

/** A leaf small enough to read: reachable over eth0, BGP on, two users. */
export const leafConfiguration: Tree = {
  system: {
    hostname: 'leaf01',
    aaa: {
      user: {
        cumulus: { role: 'system-admin', 'hashed-password': '$6$a$cumulus' },
        viewer: { role: 'nvue-monitor', 'hashed-password': '$6$a$viewer' },
      },
    },
  },
  interface: {
    eth0: { type: 'eth', ip: { vrf: 'mgmt', address: { '192.168.200.11/24': {} }, gateway: { '192.168.200.1': {} } } },
    lo: { type: 'loopback', ip: { address: { '10.10.10.1/32': {} } } },
    'swp1-4': { type: 'swp' },
    'swp51-52': { type: 'swp', link: { mtu: 9216 } },
  },
  router: { bgp: { enable: 'on', 'autonomous-system': 65101, 'router-id': '10.10.10.1' } },
  vrf: {
    mgmt: {},
    default: {
      router: {
        bgp: {
          'peer-group': { underlay: { 'remote-as': 'external' } },
          neighbor: { swp51: { type: 'unnumbered', 'peer-group': 'underlay' } },
        },
      },
    },
  },
};

export const leafSpec: SwitchSpec = {
  name: 'leaf01',
  serial: 'MT2312X00001',
  release: '5.11',
  configuration: leafConfiguration,
  users: [
    { username: 'cumulus', password: 'correct', role: 'system-admin' },
    { username: 'viewer', password: 'look', role: 'nvue-monitor' },
  ],
  hashes: { $6$a$other: 'changed' },
  neighbours: { swp51: { systemName: 'spine01', port: 'swp1' } },
};

/** Started on a clock that stands still; closed when the test ends. */
export async function startLeaf(
  changes: Partial<SwitchSpec> = {},
): Promise<{ readonly leaf: EmulatedSwitch; readonly clock: ManualClock; readonly cumulus: Caller }> {
  const clock = createManualClock();
  const leaf = await startSwitch({ ...leafSpec, ...changes }, { clock });
  onTestFinished(() => leaf.close());
  return { leaf, clock, cumulus: callerOf(leaf) };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into, not relied upon
  readonly body: any;
}

export interface Caller {
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
  patch(path: string, body?: unknown): Promise<Answer>;
  delete(path: string): Promise<Answer>;
  /** Anything else, `text` sent as it is, in chunks when there are several. */
  send(method: string, path: string, chunks: readonly string[], headers?: Record<string, string>): Promise<Answer>;
}

/** Calls as a person with curl would, each on a connection of its own; paths below the base path. */
export function callerOf(leaf: EmulatedSwitch, auth = 'cumulus:correct', basePath = '/nvue_v1'): Caller {
  const agent = new Agent({ keepAlive: false });
  onTestFinished(() => agent.destroy());

  function send(method: string, path: string, chunks: readonly string[], headers: Record<string, string> = {}) {
    return new Promise<Answer>((resolve, reject) => {
      const outgoing = request(
        {
          host: leaf.host,
          port: leaf.port,
          method,
          path: `${basePath}${path}`,
          ca: leaf.certificatePem,
          auth,
          agent,
          headers: { 'content-type': 'application/json', ...headers },
        },
        (incoming) => {
          let text = '';
          incoming.setEncoding('utf8');
          incoming.on('data', (chunk: string) => {
            text += chunk;
          });
          incoming.on('error', reject);
          incoming.on('end', () => {
            const json = incoming.headers['content-type'] === 'application/json';
            const body = json ? JSON.parse(text) : undefined;
            resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, body });
          });
        },
      );
      outgoing.on('error', reject);
      for (const chunk of chunks) outgoing.write(chunk);
      outgoing.end();
    });
  }

  const withBody = (method: string) => (path: string, body?: unknown) =>
    send(method, path, body === undefined ? [] : [JSON.stringify(body)]);
  return {
    get: (path) => send('GET', path, []),
    post: withBody('POST'),
    patch: withBody('PATCH'),
    delete: (path) => send('DELETE', path, []),
    send,
  };
}

/** A draft holding `patch` on top of what is applied. @returns Its id. */
export async function draft(caller: Caller, patch: Tree): Promise<string> {
  const created = await caller.post('/revision');
  const [id = ''] = Object.keys(created.body);
  const patched = await caller.patch(`/?rev=${id}`, patch);
  if (patched.status !== 200) throw new Error(`the draft was refused: ${patched.text}`);
  return id;
}

export const APPLY = { state: 'apply', 'auto-prompt': { ays: 'ays_yes' } };

/** The states a revision goes through while the clock moves, each once, until it stays the same. */
export function walkOf(
  leaf: EmulatedSwitch,
  clock: ManualClock,
  id: string,
  stepMilliseconds = 100,
): readonly string[] {
  const states: string[] = [];
  for (let still = 0; still < 3; clock.advance(stepMilliseconds)) {
    const state = leaf.revisions().find((revision) => revision.id === id)?.state ?? 'gone';
    still = states.at(-1) === state ? still + 1 : 0;
    if (still === 0) states.push(state);
  }
  return states;
}

export async function stateOf(caller: Caller, id: string): Promise<string> {
  return (await caller.get(`/revision/${encodeURIComponent(id)}`)).body.state;
}
