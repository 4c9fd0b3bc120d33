import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Login, Session, Target } from '../../../drivers/driver.ts';
import { frr } from '../../../drivers/frr/driver.ts';
import type { Lab } from '../../../sandbox/lab/lab.ts';
import { missingForLab } from '../../../sandbox/lab/missing.ts';
import { startLab } from '../../../sandbox/lab/start-lab.ts';
import type { Clock } from '../../../schemas/clock.ts';
import type { Tree } from '../../../schemas/json.ts';
import { never, recordingLog } from '../lab.ts';

/** Why no real FRR can be tried here; tests that need one are then skipped, and say so. */
export const missing = missingForLab();
if (missing.length > 0) console.warn(`Tests on real FRR nodes are skipped.\n${missing.join('\n')}`);

const onSwitch = (file: string) =>
  readFileSync(join(import.meta.dirname, '../../../drivers/frr/on-switch', file), 'utf8');

/** What a node has on its disk from the factory: our helper, who may run it, and a record of what was run. */
const IMAGE = new Map([
  ['/usr/local/sbin/pointsman-switch', { content: onSwitch('pointsman-switch'), mode: 0o755 }],
  ['/etc/sudoers.d/pointsman', { content: onSwitch('pointsman.sudoers'), mode: 0o440 }],
  ['/etc/sudoers.d/record', { content: 'Defaults logfile=/var/log/sudo.log, loglinelen=0\n', mode: 0o440 }],
]);

/** A leaf with a spine behind its port swp51, both running FRR. */
export interface FrrNode {
  readonly lab: Lab;
  readonly target: Target;
  readonly serial: string;
  readonly logged: string[];
  open(change?: Partial<Target>): Promise<Session>;
  /** As root at the console. @throws When it fails. */
  sh(script: string, stdin?: string): Promise<string>;
  /** Whether sshd takes a connection from us. */
  answers(): Promise<boolean>;
  /** Pulls the cable to the spine; `reset` plugs it in again. */
  cutCable(): Promise<void>;
  /** Everything as from the factory, running and on the disk; sessions of before are closed. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

const HEAD = 'frr defaults datacenter\nlog file /var/log/frr/frr.log\nservice integrated-vtysh-config\n';
export const BASE_CONF = `${HEAD}hostname leaf01
interface lo
 ip address 10.0.0.11/32
exit
interface swp51
 ip ospf message-digest-key 1 md5 canary-0spf-key
exit
router bgp 65011
 bgp router-id 10.0.0.11
 neighbor swp51 interface remote-as external
 address-family ipv4 unicast
  redistribute connected
 exit-address-family
exit
`;
const SPINE_CONF = `${HEAD}hostname spine01
router bgp 65001
 neighbor swp1 interface remote-as external
exit
`;

/** Real time: what runs on the node cannot be driven. */
const clock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
};

export async function startNode(): Promise<FrrNode> {
  const folder = mkdtempSync(join(tmpdir(), 'frr-'));
  const lab = await startLab({ spines: 1, leaves: 1, imageFiles: IMAGE, directory: join(folder, 'lab') }, never);
  const node = lab.nodes.find(({ name }) => name === 'leaf01');
  if (!node) throw new Error('the lab has no leaf01');
  const login: Login = { username: node.user, privateKey: readFileSync(node.privateKey, 'utf8') };
  const target: Target = {
    device: 'leaf01',
    host: node.address,
    port: node.port,
    tls: {},
    hostKeys: [node.hostKey],
    logins: [login],
  };
  const logged: string[] = [];
  const log = recordingLog(logged);
  let sessions: Session[] = [];
  let isCut = false;
  const on = async (name: string, script: string, stdin?: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await lab.run(name, ['sh', '-c', script], stdin);
    if (exitCode === 0) return stdout;
    throw new Error(`"${script}" on ${name} ended with ${exitCode}: ${stdout}${stderr}`);
  };
  const configure = (name: string, conf: string) =>
    on(name, `cat > /etc/frr/frr.conf; ${RELOAD} /etc/frr/frr.conf; ${RELOAD} /etc/frr/frr.conf`, conf);

  const interfaces = await on('leaf01', 'cat /etc/network/interfaces');
  await configure('spine01', SPINE_CONF);
  return {
    lab,
    target,
    serial: (await on('leaf01', 'cat /etc/machine-id')).trim(),
    logged,
    async open(change = {}) {
      const session = await frr.open({ ...target, ...change }, { clock, log, pollMilliseconds: 200 }, never);
      sessions.push(session);
      return session;
    },
    sh: (script, stdin) => on('leaf01', script, stdin),
    answers: () =>
      new Promise((resolve) => {
        const socket = connect({ host: node.address, port: node.port, timeout: 3_000 });
        const end = (does: boolean) => () => {
          socket.destroy();
          resolve(does);
        };
        socket.on('connect', end(true)).on('timeout', end(false)).on('error', end(false));
      }),
    async cutCable() {
      isCut = true;
      await lab.faults.cut('leaf01', 'spine01');
    },
    async reset() {
      await Promise.all(sessions.map((session) => session.close()));
      sessions = [];
      logged.length = 0;
      if (isCut) await lab.faults.join('leaf01', 'spine01');
      isCut = false;
      await on('leaf01', RESET);
      if ((await on('leaf01', 'cat /etc/network/interfaces')) !== interfaces) {
        await on('leaf01', 'cat > /etc/network/interfaces; ifreload -a', interfaces);
      }
      await configure('leaf01', BASE_CONF);
      await on('leaf01', UNTIL_ESTABLISHED);
    },
    async stop() {
      await Promise.all(sessions.map((session) => session.close()));
      await lab.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const RELOAD = '/usr/lib/frr/frr-reload.py --reload --stdout';

/** Dead-men of before see that their candidate is gone, and end. */
const RESET = `
pkill -KILL -f 'pointsman-switch (run|restore|deadman)'
rm -rf /var/lib/pointsman /run/pointsman; : > /var/log/sudo.log
pgrep -x sshd > /dev/null || /usr/sbin/sshd -E /var/log/sshd.log
for i in $(seq 200); do
  [ "$(vtysh -c 'show daemons' 2>/dev/null | wc -w)" -ge 6 ] && exit 0
  pgrep -x watchfrr > /dev/null || systemctl start frr
  sleep 0.3
done
exit 1`;

const UNTIL_ESTABLISHED = `
for i in $(seq 200); do
  vtysh -c 'show bgp summary json' | grep -q '"state":"Established"' && exit 0
  sleep 0.3
done
exit 1`;

/** A text for frr.conf as a tree. */
export function confTree(text: string): Tree {
  return treeOf('leaf.frr.conf.j2', text);
}

/** A text for /etc/network/interfaces as a tree. */
export function interfacesTree(text: string): Tree {
  return treeOf('leaf.interfaces.j2', text);
}

function treeOf(name: string, text: string): Tree {
  const parsed = frr.text?.parse(name, text);
  if (parsed?.kind !== 'parsed') throw new Error(`not a configuration: ${JSON.stringify(parsed)}`);
  return parsed.tree;
}
