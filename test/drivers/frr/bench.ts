import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Session } from '../../../drivers/driver.ts';
import { frr } from '../../../drivers/frr/driver.ts';
import type { Tree } from '../../../schemas/json.ts';
import type { Bench } from '../bench.ts';
import { never } from '../lab.ts';
import { BASE_CONF, confTree, type FrrNode, startNode } from './node.ts';

/** One node for all tests of a file: it is brought back to what it was before each. */
let shared: Promise<FrrNode> | undefined;

export function sharedNode(): Promise<FrrNode> {
  shared ??= startNode().then(async (node) => {
    await node.sh(WATCHER);
    return node;
  });
  return shared;
}

/** To be called once a file's tests are done. */
export async function stopSharedNode(): Promise<void> {
  await (await shared)?.stop();
  shared = undefined;
}

/** An account that may look, and nothing else. */
const WATCHER = `useradd -m -s /bin/bash watcher
mkdir -p ~watcher/.ssh && cp ~pointsman/.ssh/authorized_keys ~watcher/.ssh/
chown -R watcher:watcher ~watcher && chmod -R go-w ~watcher && usermod -p '*' watcher
echo 'watcher ALL=(root) NOPASSWD: /usr/local/sbin/pointsman-switch identify, /usr/local/sbin/pointsman-switch read, /usr/local/sbin/pointsman-switch health' > /etc/sudoers.d/watcher
chmod 440 /etc/sudoers.d/watcher`;

const CHANGING = /pointsman-switch (?:stage|apply|confirm|discard|save)\b.*/g;

export async function createFrrBench(): Promise<Bench> {
  const node = await sharedNode();
  await node.reset();
  const read = async (conf: string): Promise<Tree> => {
    const [frrConf, interfaces] = [await node.sh(conf), await node.sh('cat /etc/network/interfaces')];
    const parsed = frr.text?.parse('/etc/network/interfaces', interfaces);
    return { ...confTree(frrConf), ...(parsed?.kind === 'parsed' ? parsed.tree : {}) };
  };
  const foreign = 'ip route 10.66.0.0/16 blackhole';
  return {
    target: node.target,
    identity: { hostname: 'leaf01', serial: node.serial, pin: node.target.hostKeys?.[0] ?? '' },
    weak: { ...node.target.logins[0], username: 'watcher' },
    logged: node.logged,
    now: () => Date.now(),
    open: node.open,
    async changesSent() {
      const lines = await node.sh('cat /var/log/sudo.log; : > /var/log/sudo.log');
      return lines.match(CHANGING) ?? [];
    },
    async pass(milliseconds) {
      await node.sh(
        `for f in /var/lib/pointsman/*/deadline; do echo $(($(cat $f) - ${milliseconds / 1000})) > $f; done`,
      );
      // A state is the name of a file: while it gets another one, a look may see neither.
      const rests = '! ls /var/lib/pointsman/*/state.* | grep -qE "applying|awaiting|failing|expiring|discarding"';
      await until(node, `${rests} && sleep 0.2 && ${rests}`);
    },
    async unplug() {
      await node.sh('pkill -x sshd');
    },
    running: () => read("vtysh -c 'show running-config'"),
    startup: () => read('cat /etc/frr/frr.conf'),
    everything: () =>
      node.sh(
        "find /var/lib/pointsman -mindepth 1 2>/dev/null; sha256sum /etc/frr/* /etc/network/*; vtysh -c 'show run'",
      ),
    somebodyElse: {
      async applies() {
        await node.sh(`vtysh -c 'configure terminal' -c '${foreign}'`);
        return [];
      },
      async startsToApply() {
        const session = await node.open();
        const { candidate } = await session.stage(confTree(`${BASE_CONF}${foreign}\n`), [], never);
        await session.commit(candidate, 600, never);
        return { candidate, state: 'awaiting' };
      },
      hasApplied: (tree) => JSON.stringify(tree).includes('10.66.0.0/16'),
    },
    startApply: (session, candidate) => startApply(node, session, candidate),
    async breakThings() {
      await node.sh('pkill -KILL -x watchfrr; pkill -KILL -x ospfd');
      await node.cutCable();
      await until(node, '! ip link show swp51 | grep -q LOWER_UP');
      await until(node, '! vtysh -c "show bgp summary json" | grep -q \'"state":"Established"\'');
      return ['system-health', 'interface swp51', 'bgp swp51'];
    },
    close: async () => undefined,
  };
}

/** Cut off as soon as the switch is on its way, and nobody waits for it. */
export async function startApply(node: FrrNode, session: Session, candidate: string): Promise<void> {
  const cut = new AbortController();
  const committed = expect(session.commit(candidate, 300, cut.signal)).rejects.toThrow('killed');
  await until(node, `[ -e /var/lib/pointsman/${candidate}/state.applying ]`);
  cut.abort(new Error('killed'));
  await committed;
}

/** Looks until a shell says yes. */
export async function until(node: FrrNode, condition: string, withinSeconds = 120): Promise<void> {
  for (const end = Date.now() + withinSeconds * 1000; ; await sleep(20)) {
    const { exitCode } = await node.lab.run('leaf01', ['sh', '-c', condition]);
    if (exitCode === 0) return;
    if (Date.now() > end) throw new Error(`never so on leaf01: ${condition}`);
  }
}
