import { AUTOMATION } from '../desired-state/fleet-layout.ts';
import type { Repository } from '../git/repository.ts';
import type { Automation, Site } from '../schemas/fleet.ts';
import { parseFleetFile } from '../schemas/validate-file.ts';
import { fleetRef, type ReconcilerDeps } from './deps.ts';
import { FleetInvalidError } from './errors.ts';
import { readSites } from './read-sites.ts';

/**
 * What the fleet's branch says now about when anything may be done: the kill switch, windows, freezes. Read anew in every pass,
 * so that a pause or a freeze that was merged counts at once, also for runs that began before.
 */
export interface TipRules {
  readonly tip: string;
  /** Why it is not known, where it is not: then nothing automatic begins. */
  readonly automation:
    | { readonly kind: 'known'; readonly value: Automation }
    | { readonly kind: 'unknown'; readonly why: string };
  /** Why they are not known, where they are not: then no window is taken for open. */
  readonly sites:
    | { readonly kind: 'known'; readonly value: ReadonlyMap<string, Site> }
    | { readonly kind: 'unknown'; readonly why: string };
}

export async function readTipRules(repository: Repository, tip: string): Promise<TipRules> {
  const [automation, sites] = await Promise.all([
    known(() => readAutomation(repository, tip)),
    known(() => readSites(repository, tip)),
  ]);
  return { tip, automation, sites };
}

/** The same, as it is by now: what is done takes longer than it takes to merge a pause or a freeze. */
export async function renewTipRules(
  { repository, settings }: Pick<ReconcilerDeps, 'repository' | 'settings'>,
  before: TipRules,
  signal: AbortSignal,
): Promise<TipRules> {
  const ref = fleetRef(settings);
  const tip = (await repository.fetch([ref], signal)).get(ref);
  return tip === undefined || tip === before.tip ? before : readTipRules(repository, tip);
}

async function readAutomation(repository: Repository, tip: string): Promise<Automation> {
  const text = await repository.readFile(tip, AUTOMATION);
  if (text === undefined) return {};
  const parsed = parseFleetFile('automation', text, AUTOMATION);
  if (parsed.kind === 'invalid') throw new FleetInvalidError({ revision: tip, problems: parsed.problems });
  return parsed.file.value;
}

async function known<T>(read: () => Promise<T>) {
  try {
    return { kind: 'known' as const, value: await read() };
  } catch (error) {
    if (!(error instanceof FleetInvalidError)) throw error;
    return { kind: 'unknown' as const, why: error.message };
  }
}
