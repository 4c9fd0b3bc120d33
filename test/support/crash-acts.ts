import { type FleetFiles, replaceOnce, textOf } from '../../sandbox/fleets/fleet-files.ts';
import { type Journey, nextSecond } from './journey.ts';

/** What happens in a world of its own: how it begins, and who does what from there on. */
export interface CrashScene {
  readonly name: string;
  /** Switches that are changed, each of them once. */
  readonly changed: readonly string[];
  /** Plans are made in it: they try a candidate and throw it away, before anybody intends anything. */
  readonly tries?: true;
  /** On real routers of a lab, which this machine has to be able to carry. */
  readonly routers?: true;
  readonly files?: (files: FleetFiles) => FleetFiles;
  /** Up to the moment from which effects are counted. */
  arrange(journey: Journey): Promise<void>;
  readonly acts: readonly Act[];
}

type Act =
  /** One `pointsman reconcile` in a process of its own. */
  | {
      readonly kind: 'pass';
      /** With a runner of its own; all that have none unless given. */
      readonly site?: string;
      /** Its exit code. */
      readonly ends: 0 | 1 | 3;
    }
  | { readonly kind: 'people'; does(journey: Journey): Promise<unknown> };

export const pass = (ends: 0 | 1 | 3, site?: string): Act => ({
  kind: 'pass',
  ends,
  ...(site === undefined ? {} : { site }),
});
export const people = (does: (journey: Journey) => Promise<unknown>): Act => ({ kind: 'people', does });

/** A comment, in a later second than everything before it. */
export async function say({ clock, world }: Journey, number: number, by: string, text: string): Promise<void> {
  await nextSecond(clock);
  await world.github.as(by).comment(number, text);
}

/** One more time server on each switch, each another: every switch changes in a leaf of its own. */
export function oneClockMore({ world }: Journey, devices: readonly string[]): Parameters<Journey['open']>[0] {
  const files = devices.map((name, index) => {
    const path = `desired-state/devices/ams1/${name}.yaml`;
    const servers = `data:\n  ntp_servers: [192.168.200.123, 192.168.200.124, 192.168.200.14${index}]\n`;
    return [path, replaceOnce(path, textOf(world.files, path), 'data:\n', servers)] as const;
  });
  return { title: 'Ask the clocks in the racks', branch: 'rack-clocks', files: new Map(files) };
}
