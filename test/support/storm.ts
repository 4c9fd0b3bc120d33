import type { DemoStory } from '../../sandbox/fleets/demo-stories.ts';
import { createJourney, type Journey } from './journey.ts';
import { type Service, spawnService, until } from './service.ts';
import { exampleOf, post, sign } from './signed-delivery.ts';

/** Webhooks without end, and a service that is killed in the middle of them. */
export interface StormOptions {
  readonly webhooks: number;
  readonly overMilliseconds: number;
  /** When pull requests are merged, as parts of the whole; at most four. The service is down from 0.45 to 0.5. */
  readonly mergeAt: readonly number[];
}

export interface StormReport {
  readonly sent: number;
  /** By the status of the answer; `none` while nobody listened. */
  readonly answers: Readonly<Record<string, number>>;
  /** Of those answered, milliseconds. */
  readonly answerTimes: readonly number[];
  /** How the first service ended. */
  readonly killed: number | string;
  /** How the second one ended when it was asked to. */
  readonly ended: number | string;
  readonly merged: readonly number[];
  /** Those of them that were not applied in the end, or whose switch was told to confirm more than once. */
  readonly unprocessed: readonly number[];
  readonly passes: number;
  /** Of the second service, bytes, every half second from its first pass on. */
  readonly resident: readonly number[];
}

const LEAVES = ['leaf01', 'leaf02', 'leaf03', 'leaf04'] as const;
const KILL_AT = 0.45;
const RESTART_AT = 0.5;
const SAMPLE_EVERY_MS = 500;
const EVENTS = ['push', 'pull_request', 'issue_comment', 'pull_request_review'] as const;

/** By the machine's clock, with a service in a process of its own. */
export async function playStorm(options: StormOptions): Promise<StormReport> {
  const journey = await createJourney({
    speed: 1,
    switches: (spec) => ({ ...spec, stepMilliseconds: 10 }),
    pace: { confirmWithinSeconds: 30, pollMilliseconds: 20 },
  });
  try {
    return await play(journey, options);
  } finally {
    await journey.close();
  }
}

async function play(journey: Journey, { webhooks, overMilliseconds, mergeAt }: StormOptions): Promise<StormReport> {
  const merged: number[] = [];
  for (const leaf of LEAVES.slice(0, mergeAt.length)) merged.push(await journey.open(storyOf(journey, leaf)));
  for (const number of merged) await journey.plan(number);
  for (const number of merged) await journey.approve(number);

  const answers: Record<string, number> = {};
  const answerTimes: number[] = [];
  const resident: number[] = [];
  const under: Promise<void>[] = [];
  let service: Awaited<ReturnType<typeof spawnService>> | undefined = await spawnService(journey);
  let url = service.url;
  let killed: number | string = 'not yet';
  await until(async () => (await passesOf(url)) > 0);

  const begin = performance.now();
  const elapsed = (): number => (performance.now() - begin) / overMilliseconds;
  let sent = 0;
  const send = async (index: number): Promise<void> => {
    const started = performance.now();
    const status = await deliver(url, index).catch(() => 'none');
    answers[status] = (answers[status] ?? 0) + 1;
    if (status !== 'none') answerTimes.push(performance.now() - started);
  };
  const deliveries = (async () => {
    for (; sent < webhooks; sent++) {
      await sleepUntil(begin + (sent * overMilliseconds) / webhooks);
      under.push(send(sent));
    }
  })();

  const merges = (async () => {
    for (const [index, at] of mergeAt.entries()) {
      await sleepUntil(begin + at * overMilliseconds);
      await journey.merge(merged[index] ?? 0);
    }
  })();

  await sleepUntil(begin + KILL_AT * overMilliseconds);
  const first = service.child;
  service = undefined;
  first.process.kill('SIGKILL');
  killed = await first.ended;
  await sleepUntil(begin + RESTART_AT * overMilliseconds);
  service = await spawnService(journey);
  url = service.url;

  await until(async () => (await passesOf(url)) > 0);
  while (elapsed() < 1) {
    resident.push(await service.number('process_resident_memory_bytes'));
    await sleepUntil(performance.now() + SAMPLE_EVERY_MS);
  }
  await Promise.all([deliveries, merges]);
  await Promise.all(under);
  const passed = service;
  await until(() => isQuiet(passed));
  const passes = await passesOf(url);
  service.child.process.kill('SIGTERM');
  const ended = await service.child.ended;
  const unprocessed = merged.filter((number, index) => !isApplied(journey, number, LEAVES[index] ?? ''));
  return { sent, answers, answerTimes, killed, ended, merged, unprocessed, passes, resident };
}

/** One switch asks another clock: pull requests that do not touch each other. */
function storyOf(journey: Journey, leaf: (typeof LEAVES)[number]): DemoStory {
  const path = `desired-state/devices/ams1/${leaf}.yaml`;
  const text = journey.world.files.get(path) ?? '';
  const servers = 'ntp_servers: [192.168.200.123, 192.168.200.124, 192.168.200.140]';
  return {
    title: `${leaf}: also ask the clock in its rack`,
    body: '',
    branch: `${leaf}-ntp`,
    files: new Map([[path, text.replace(/^data:\n/m, `data:\n  ${servers}\n`)]]),
  };
}

function isApplied(journey: Journey, number: number, leaf: string): boolean {
  const requests = journey.world.switches.get(leaf)?.requests() ?? [];
  const confirms = requests.filter(({ body }) => JSON.stringify(body ?? {}).includes('confirm_yes')).length;
  return confirms === 1 && journey.comment(number).includes('Applied: 1 applied, of 1 device');
}

/** Every body another one, as GitHub's are. */
async function deliver(url: string, index: number): Promise<number> {
  const event = EVENTS[index % EVENTS.length] ?? 'push';
  const { status } = await post(
    `${url}/webhook`,
    sign(event, exampleOf(event, 'acme/fleet', { number_of_the_test: index })),
  );
  return status;
}

async function passesOf(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return [...text.matchAll(/^pointsman_passes_total\{.*\} (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

async function isQuiet(service: Service): Promise<boolean> {
  return (await service.number('pointsman_pass_running')) + (await service.number('pointsman_pass_queued')) === 0;
}

/** @param at By `performance.now()`. */
function sleepUntil(at: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, at - performance.now())));
}
