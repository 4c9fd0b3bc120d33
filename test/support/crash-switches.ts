import type { Lab } from '../../sandbox/lab/lab.ts';
import type { Json } from '../../schemas/json.ts';
import type { CrashScene } from './crash-acts.ts';
import { nameOfSwitchRequest } from './crash-effects.ts';
import { createJourney, type Journey } from './journey.ts';

/** A request that changes a switch, before it is performed or right after it, before its answer leaves. */
export interface SwitchMoment {
  readonly target: string;
  readonly phase: 'received' | 'performed';
  /** In our words. */
  readonly what: string;
  /** As it came: two equal ones are one request sent twice. */
  readonly request: string;
  readonly status: number;
}

/** The switches of a world, whatever they are made of. */
export interface CrashSwitches {
  readonly journey: Journey;
  readonly names: readonly string[];
  /** What they are in, where they are real routers. */
  readonly lab?: Lab;
  /** Tells everything that changes a switch from now on. A request that was received waits for the answer. */
  watch(see: (moment: SwitchMoment) => Promise<void>): void;
  /** The request that waits now is not performed and gets no answer. */
  drop(target: string): void;
  /** What each of them runs and would boot, and what was left lying there. */
  facts(): Promise<Readonly<Record<string, Json>>>;
  /** How often a change was made live, where a switch can tell that apart from how often it was told to. */
  timesChanged?(name: string): Promise<number>;
  /** Whether the newest change was taken back because nobody confirmed it. */
  tookBack(name: string): Promise<boolean>;
  close(): Promise<void>;
}

/** The demo fabric: three leaves are changed at once, and one of them is saved by us, so that saving is an effect too. */
export async function createEmulatedSwitches(scene: CrashScene): Promise<CrashSwitches> {
  const journey = await createJourney({
    speed: 1,
    switches: (spec) => ({ ...spec, stepMilliseconds: 10, autoSave: spec.name !== 'leaf03' }),
    pace: { devicesAtOnce: 3, confirmWithinSeconds: 60, pollMilliseconds: 20 },
    ...(scene.files ? { files: scene.files } : {}),
  });
  const { switches } = journey.world;
  return {
    journey,
    names: [...switches.keys()],
    watch(see) {
      for (const [target, one] of switches) {
        one.onRequest(async ({ phase, mutating, request: { method, path, body, status = 0 } }) => {
          if (!mutating) return;
          const request = `${method} ${path} ${JSON.stringify(body ?? {})}`;
          await see({ target, phase, what: nameOfSwitchRequest(method, path, body), request, status });
        });
      }
    },
    drop: (target) => switches.get(target)?.faults.onRequest({ kind: 'drop-before' }),
    async facts() {
      const facts: Record<string, Json> = {};
      for (const [name, one] of switches) {
        facts[`${name} runs`] = one.applied();
        facts[`${name} would boot`] = one.startup();
        // A plan that dies while it tries a candidate has no intent on the ledger to know its draft by: that one stays, and
        // changes nothing.
        if (scene.tries) continue;
        const drafts = one.revisions().filter(({ state }) => !/^applied|^saved$|^inactive$/.test(state));
        facts[`${name} drafts`] = drafts.length;
      }
      return facts;
    },
    tookBack: async (name) => switches.get(name)?.revisions().at(-1)?.state === 'confirm_fail',
    close: () => journey.close(),
  };
}
