import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { intendedAt } from '../../cli/demo/demo-world.ts';
import { renderTexts } from '../../drivers/frr/spelling.ts';
import { replaceOnce, textOf } from '../../sandbox/fleets/fleet-files.ts';
import type { Lab } from '../../sandbox/lab/lab.ts';
import { startLab } from '../../sandbox/lab/start-lab.ts';
import type { Json } from '../../schemas/json.ts';
import type { CrashScene } from './crash-acts.ts';
import type { CrashSwitches, SwitchMoment } from './crash-switches.ts';
import { createLabJourney, factoryFiles } from './lab-journey.ts';

/** Long enough for a pass after a kill to confirm on a busy machine, short enough to be waited for. */
const CONFIRM_WITHIN_SECONDS = 90;

/** A spine and two leaves that run what their fleet says, with BGP between them. */
export async function createRouters(scene: CrashScene): Promise<CrashSwitches> {
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-routers-'));
  const undo: (() => Promise<void>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  let lab: Lab;
  try {
    const borders = await listenForBorders((name, candidate) =>
      on(lab, name, `cd /var/lib/pointsman/${candidate} && ls -d state.*; true`),
    );
    undo.push(borders.close);
    const imageFiles = new Map([
      ...factoryFiles(),
      ['/usr/local/bin/sudo', { content: renderSudo(borders.port), mode: 0o755 }] as const,
    ]);
    const input = { spines: 1, leaves: 2, imageFiles, directory: join(folder, 'lab') };
    lab = await startLab(input, new AbortController().signal);
    undo.push(() => lab.stop());
    const journey = await createLabJourney(lab, {
      pace: { confirmWithinSeconds: CONFIRM_WITHIN_SECONDS, pollMilliseconds: 500 },
      files: (files) => {
        const path = 'desired-state/roles/leaf.yaml';
        const oneSpine = new Map(files).set(path, replaceOnce(path, textOf(files, path), '[swp51, swp52]', '[swp51]'));
        return scene.files?.(oneSpine) ?? oneSpine;
      },
    });
    undo.push(() => journey.close());
    await configure(lab, await intendedAt(journey.gitDir, 'main', new Map()));
    return {
      lab,
      journey,
      names: lab.nodes.map(({ name }) => name),
      watch: borders.watch,
      drop: borders.drop,
      facts: () => readFacts(lab),
      timesChanged: async (name) => Number(await on(lab, name, 'ls /var/lib/pointsman/*/runner 2>&- | wc -l')),
      tookBack: async (name) => (await on(lab, name, NEWEST_STATE)).trim() === 'state.expired',
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * In front of the real `sudo` in the path of whoever logs in, and of nobody else. It says what is about to be run and what
 * was, and waits each time: whoever runs the product sees a command that takes its time. Our helper knows nothing of it.
 */
function renderSudo(port: number): string {
  return `#!/bin/bash
case \${3:-} in stage | apply | confirm | discard | save) ;; *) exec /usr/bin/sudo "$@" ;; esac
exec 3<>"/dev/tcp/\${SSH_CONNECTION%% *}/${port}" || exit 1
echo "$HOSTNAME \${*:3}" >&3
read -r word <&3
[ "$word" = go ] || exit 1
/usr/bin/sudo "$@" 3>&-
code=$?
echo "$code" >&3
read -r word <&3
exit "$code"
`;
}

interface Borders {
  readonly port: number;
  watch(see: (moment: SwitchMoment) => Promise<void>): void;
  drop(target: string): void;
  close(): Promise<void>;
}

/** What does something only to a candidate in this state; to any other it is a question how it stands. */
const NEEDED: Readonly<Record<string, string>> = { apply: 'state.staged', confirm: 'state.awaiting' };

/**
 * Who the sudo of the routers talks to: a connection is one command.
 *
 * @param stateOf Of a candidate, as the file that says so is called.
 */
async function listenForBorders(stateOf: (name: string, candidate: string) => Promise<string>): Promise<Borders> {
  const sockets = new Set<Socket>();
  const dropped = new Set<string>();
  const running = new Set<string>();
  let seen: (moment: SwitchMoment) => Promise<void> = async () => undefined;

  async function attend(socket: Socket): Promise<void> {
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    const next = async (): Promise<string> => (await lines.next()).value ?? '';
    const [target = '', ...words] = (await next()).split(' ');
    const [what = '', candidate = ''] = words;
    const moment = { target, what, request: words.join(' '), status: 0 };
    const key = `${target} ${moment.request}`;
    // A process that died asked for the same, and the router is still at it or has just done it: one of the two finds it done.
    const isUnderWay = running.has(key);
    running.add(key);
    const needed = NEEDED[what];
    const isStillNeeded = async () => needed === undefined || (await stateOf(target, candidate)).trim() === needed;
    const isSecond = isUnderWay || !(await isStillNeeded());
    if (!isSecond) await seen({ ...moment, phase: 'received' });
    if (dropped.delete(target)) {
      running.delete(key);
      socket.destroy();
      return;
    }
    socket.write('go\n');
    const status = Number((await next()) || Number.NaN);
    if (!isUnderWay) running.delete(key);
    // One whose router went down, or that died because nobody listened to it, has done nothing: the next one is the first.
    const isDone = needed === undefined ? status === 0 : !Number.isNaN(status) && !(await isStillNeeded());
    if (!isSecond && isDone) await seen({ ...moment, phase: 'performed', status });
    socket.end('go\n');
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    void attend(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    watch(see) {
      seen = see;
    },
    drop: (target) => void dropped.add(target),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** At the console, before anybody of us was there. */
async function configure(lab: Lab, trees: Awaited<ReturnType<typeof intendedAt>>): Promise<void> {
  const names = lab.nodes.map(({ name }) => name);
  const text = (name: string): string => renderTexts(trees.get(name) ?? {}).frr?.text ?? '';
  await Promise.all(names.map((name) => on(lab, name, TAKE_OVER, text(name))));
  await Promise.all(names.map((name) => on(lab, name, UNTIL_ESTABLISHED)));
}

const RELOAD = '/usr/lib/frr/frr-reload.py --reload --stdout /etc/frr/frr.conf';
const TAKE_OVER = `cat > /etc/frr/frr.conf; ${RELOAD}; ${RELOAD}; vtysh -c 'write memory'`;

const UNTIL_ESTABLISHED = `
for i in $(seq 300); do
  vtysh -c 'show bgp summary json' > /tmp/bgp
  grep -q '"state":"Established"' /tmp/bgp && ! grep '"state":' /tmp/bgp | grep -qv Established && exit 0
  sleep 0.3
done
exit 1`;

const NEWEST_STATE = 'cd "$(ls -dt /var/lib/pointsman/*-*/ | head -n 1)" && ls -d state.*';

/** What lies there and is not one of these is still on its way, or was forgotten. */
const LEFT_BEHIND = `
cd /var/lib/pointsman && ls -d */state.* | grep -Ev 'live|expired|failed|discarded'
ls -d /run/pointsman/scratch-* /etc/frr/*.pointsman-* /etc/network/*.pointsman-*
true`;

async function readFacts(lab: Lab): Promise<Readonly<Record<string, Json>>> {
  const facts: Record<string, Json> = {};
  for (const { name } of lab.nodes) {
    facts[`${name} runs`] = await on(lab, name, "vtysh -c 'show running-config no-header'");
    facts[`${name} would boot`] = await on(lab, name, 'cat /etc/frr/frr.conf');
    facts[`${name} was left with`] = await on(lab, name, LEFT_BEHIND);
  }
  return facts;
}

async function on(lab: Lab, name: string, script: string, stdin?: string): Promise<string> {
  const { exitCode, stdout, stderr } = await lab.run(name, ['sh', '-c', script], stdin);
  if (exitCode === 0) return stdout;
  throw new Error(`"${script}" on ${name} ended with ${exitCode}: ${stdout}${stderr}`);
}
