import { matchesGlob } from '../desired-state/select-devices.ts';
import type { Probe } from '../drivers/driver.ts';

/** What got worse by a change, in words that begin with the name of the probe. */
export interface HealthVerdict {
  /** Reasons not to confirm; empty when there are none. */
  readonly worse: readonly string[];
  /** Got worse as well, and somebody said before that it may. */
  readonly expected: readonly string[];
}

/**
 * Compares what a switch says of itself with what it said before a change. What was bad before is not our doing; what was
 * well and is not any more, or is gone, is; and so is what is new and bad.
 *
 * @param before Absent when nobody looked: then everything has to be well.
 * @param expected Declared by the request or the fleet: probes that may get worse by this change, as globs of their names
 *   (`interface swp1`, `bgp swp51*`, `lldp swp*`).
 */
export function judgeHealth(
  before: readonly Probe[] | undefined,
  now: readonly Probe[],
  expected: readonly string[],
): HealthVerdict {
  const found = [...gotWorse(before ?? [], now), ...wentAway(before ?? [], now)];
  const isExpected = ({ name }: Finding): boolean => expected.some((glob) => matchesGlob(glob, name));
  return {
    worse: found.filter((finding) => !isExpected(finding)).map(({ words }) => words),
    expected: found.filter(isExpected).map(({ words }) => words),
  };
}

/** All probes for the record, those that got worse as expected marked, and what is gone as expected after them. */
export function renderProbes(now: readonly Probe[], { expected }: HealthVerdict): readonly string[] {
  const lines = now.map((probe) => (probe.ok ? `${probe.name}: ok (${probe.found})` : notOk(probe)));
  return [
    ...lines.map((line) => (expected.includes(line) ? asExpected(line) : line)),
    ...expected.filter((words) => !lines.includes(words)).map(asExpected),
  ];
}

interface Finding {
  readonly name: string;
  readonly words: string;
}

function gotWorse(before: readonly Probe[], now: readonly Probe[]): readonly Finding[] {
  const earlier = byName(before);
  return now.flatMap((probe) => {
    const { name, ok, found } = probe;
    const was = earlier.get(name);
    if (was && !was.ok) return [];
    if (!ok) return [{ name, words: notOk(probe) }];
    const moved = was && isNeighbour(name) && !isSameNeighbour(was, probe);
    return moved ? [{ name, words: `${name}: ${found}, was ${was.found}` }] : [];
  });
}

function wentAway(before: readonly Probe[], now: readonly Probe[]): readonly Finding[] {
  const [earlier, later] = [byName(before), byName(now)];
  /** A neighbour is not missed on a link that is not up: then the link is what is told. */
  const linkIsUp = (name: string): boolean => {
    const link = name.replace(NEIGHBOUR, LINK);
    return later.get(link)?.ok ?? !earlier.has(link);
  };
  return before
    .filter(({ name, ok }) => ok && !later.has(name) && (!isNeighbour(name) || linkIsUp(name)))
    .map(({ name, found }) => ({ name, words: `${name}: gone, was ${found}` }));
}

const NEIGHBOUR = /^lldp /;
const LINK = 'interface ';

function isNeighbour(name: string): boolean {
  return NEIGHBOUR.test(name);
}

/**
 * Who was there is still there, and who is there was there before. Not simply equal: of two neighbours on one port either
 * may be the younger one, and one that was moved away may linger beside the new one.
 */
function isSameNeighbour(before: Probe, now: Probe): boolean {
  return seen(now).includes(before.found) && seen(before).includes(now.found);
}

function seen({ found, others = [] }: Probe): readonly string[] {
  return [found, ...others];
}

function byName(probes: readonly Probe[]): ReadonlyMap<string, Probe> {
  return new Map(probes.map((probe) => [probe.name, probe]));
}

function notOk({ name, found }: Probe): string {
  return `${name}: not ok (${found})`;
}

function asExpected(words: string): string {
  return `${words}, expected`;
}
