import type { DeviceDrift, DriftedLeaf, WentBack } from '../../ledger/ledger.ts';
import { sha256OfJson } from '../../schemas/canonical.ts';
import type { Automation } from '../../schemas/fleet.ts';

export type DriftRule = NonNullable<Automation['drift']>[number];

/** `revert`: the switch becomes what the fleet says. `adopt`: the fleet becomes what the switch runs. */
export type Way = 'revert' | 'adopt';

/** The same change on one switch or many, under one rule: what people decide about at once. */
export interface Finding {
  /** 12 hex digits; the same as long as the change and its rule are. */
  readonly id: string;
  /** Sorted; never empty. */
  readonly devices: readonly string[];
  /** Sorted. */
  readonly sites: readonly string[];
  /** When it was first seen on any of them, milliseconds since the epoch. */
  readonly since: number;
  /** Who changed it, where switches say so; sorted. Foreign text. */
  readonly by: readonly string[];
  readonly changes: readonly DriftedLeaf[];
  /** Of all changes that take it back; equal on all its switches. */
  readonly digest: string;
  /** Changes there are beyond those kept. */
  readonly more: number;
  /** A Rollback took all of them back at once: they differ from what that made them run. */
  readonly wentBack?: Pick<WentBack, 'to' | 'run' | 'ledger'>;
  /** Name of the rule; absent where none fits. */
  readonly rule?: string;
  readonly policy: 'report' | 'propose';
  readonly propose: Way;
  /** Its rule takes it back by itself, where it may; otherwise it is proposed. */
  readonly enforce?: DriftRule;
  /** Each of its switches says that somebody else than us changed it last. */
  readonly byOthers: boolean;
  /** Pull requests its rule may have open. */
  readonly most: number;
  /** The part of the fleet it is in: a site with a runner of its own, or everything else. */
  readonly shard: string;
}

/** What has to be known of a switch that drifts. */
export interface DriftPlace {
  /** The first that fits it. */
  readonly rule?: DriftRule;
  readonly shard: string;
}

const MOST_PULL_REQUESTS = 5;
const ID_DIGITS = 12;

/**
 * Switches that differ alike, as one finding each; the one seen first stands first. What a rule ignores is left out.
 *
 * @param placeOf `undefined` for a switch that the fleet does not name any more: nobody decides about it.
 */
export function computeFindings(
  drifting: readonly DeviceDrift[],
  placeOf: (device: string) => DriftPlace | undefined,
): readonly Finding[] {
  const groups = new Map<string, { readonly place: DriftPlace; readonly drifts: DeviceDrift[] }>();
  for (const drift of drifting) {
    const place = placeOf(drift.device);
    // One that was taken back and runs exactly that is nobody's drift.
    if (!place || place.rule?.policy === 'ignore' || drift.changes.length === 0) continue;
    const id = idOf(drift, place);
    const group = groups.get(id) ?? { place, drifts: [] };
    group.drifts.push(drift);
    groups.set(id, group);
  }
  return [...groups]
    .flatMap(([id, { place, drifts }]) => findingOf(id, place, drifts))
    .sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1));
}

/** Where more differs than is kept, what is kept does not say that all of it is equal; the digest is of all of it. */
function idOf({ changes, more, digest, wentBack }: DeviceDrift, { rule, shard }: DriftPlace): string {
  const { name, policy, propose } = rule ?? {};
  const same = more === 0 ? { changes } : { changes, more, digest };
  const back = wentBack ? { wentBack: wentBack.ledger ?? wentBack.run } : {};
  return sha256OfJson({ ...same, ...back, name, policy, propose, shard }).slice(0, ID_DIGITS);
}

function findingOf(id: string, { rule, shard }: DriftPlace, drifts: readonly DeviceDrift[]): readonly Finding[] {
  const [first] = drifts;
  if (!first) return [];
  const { changes, digest, more, wentBack } = first;
  return [
    {
      id,
      devices: sorted(drifts.map(({ device }) => device)),
      sites: sorted(drifts.map(({ site }) => site)),
      since: Math.min(...drifts.map(({ since }) => since)),
      by: sorted(drifts.flatMap(({ by }) => (by === undefined ? [] : [by]))),
      changes,
      digest,
      more,
      ...(wentBack ? { wentBack: { to: wentBack.to, run: wentBack.run, ...ledgerOf(wentBack) } } : {}),
      ...(rule ? { rule: rule.name } : {}),
      policy: rule?.policy === 'propose' || rule?.policy === 'enforce' ? 'propose' : 'report',
      ...(rule?.policy === 'enforce' ? { enforce: rule } : {}),
      byOthers: drifts.every(({ by }) => by !== undefined),
      propose: rule?.propose ?? 'revert',
      most: rule?.most_pull_requests ?? MOST_PULL_REQUESTS,
      shard,
    },
  ];
}

function ledgerOf({ ledger }: WentBack): Pick<WentBack, 'ledger'> {
  return ledger === undefined ? {} : { ledger };
}

function sorted(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
