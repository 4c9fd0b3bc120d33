import pLimit from 'p-limit';
import { adoptChanges } from '../../desired-state/adopt-changes.ts';
import type { Fleet } from '../../desired-state/fleet.ts';
import { ownPaths } from '../../desired-state/own-files.ts';
import { computeDifferences, nodeAt, type RunningDifference } from '../../desired-state/running-difference.ts';
import type { DriftedLeaf, LedgerView } from '../../ledger/ledger.ts';
import { FINGERPRINT } from '../../plans/fingerprint.ts';
import { sameLeaf } from '../../plans/same-leaf.ts';
import { canonicalJson } from '../../schemas/canonical.ts';
import type { Change } from '../../schemas/change.ts';
import type { TreePath } from '../../schemas/json.ts';
import { type Comparison, compareSwitch } from '../../workflows/compare-switch.ts';
import { foreseen } from '../../workflows/foreseen.ts';
import { openSwitch } from '../../workflows/open-switch.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { subjectFor } from '../load-commit.ts';
import { platforms } from '../platforms.ts';
import type { Finding } from './findings.ts';

/** What is not adopted, or the switch of which nothing is. */
export interface AdoptionLeft {
  readonly device: string;
  readonly path?: TreePath;
  /** Sentences; foreign text may be quoted in them. */
  readonly why: string;
  readonly next: string;
}

export interface Adoption {
  /** Texts of the files that change, by path. None: nothing can be adopted. */
  readonly files: ReadonlyMap<string, string>;
  readonly left: readonly AdoptionLeft[];
  /** Every switch could be asked: what is left is left for good, and not for now. */
  readonly complete: boolean;
}

const READS_AT_ONCE = 32;
const READ_LIMIT_MS = 120_000;

/**
 * Makes what the switches of a finding run the intent, as edits of their own files. Each is asked anew, so that what is
 * written is what it runs now.
 *
 * @param fleet At the commit the edits are made on.
 */
export async function adoptFinding(
  deps: Pick<ReconcilerDeps, 'repository' | 'switches' | 'log'>,
  view: LedgerView,
  fleet: Fleet,
  finding: Finding,
  signal: AbortSignal,
): Promise<Adoption> {
  const devices = finding.devices.flatMap((name) => fleet.devices.get(name) ?? []);
  const paths = devices.flatMap((device) => ownPaths(fleet, device));
  const limit = pLimit(READS_AT_ONCE);
  const [texts, found] = await Promise.all([
    deps.repository.readFiles(fleet.revision, paths),
    Promise.all(devices.map((device) => limit(() => lookAt(device.name)))),
  ]);

  const files = new Map<string, string>();
  const left: AdoptionLeft[] = [];
  for (const [index, device] of devices.entries()) {
    const looked = found[index];
    if (looked?.kind !== 'differs') {
      if (looked) left.push({ device: device.name, why: looked.why, next: looked.next });
      continue;
    }
    left.push(...looked.secret.map((path) => ({ device: device.name, path, ...SECRET })));
    const adopted = adoptChanges(fleet, new Map([...texts, ...files]), device, looked.differences, platforms);
    left.push(...adopted.left.map((one) => ({ device: device.name, ...one })));
    if (adopted.kind === 'adopted') for (const [path, text] of adopted.files) files.set(path, text);
  }
  return { files, left, complete: found.every(({ kind }) => kind !== 'unread') };

  async function lookAt(name: string): Promise<Looked> {
    const device = fleet.devices.get(name);
    if (!device) return { kind: 'other', ...CHANGED };
    const subject = await subjectFor({ before: fleet, after: fleet, access: fleet }, device, view);
    const limited = AbortSignal.any([signal, AbortSignal.timeout(READ_LIMIT_MS)]);
    try {
      const session = await openSwitch(deps.switches, subject, 'plan', limited);
      try {
        const compared = await compareSwitch(deps.switches, subject, session, limited);
        if (compared.running.busyWith || !isStill(finding, compared.changes)) return { kind: 'other', ...CHANGED };
        return { kind: 'differs', ...differencesOf(finding, compared) };
      } finally {
        await session.close();
      }
    } catch (error) {
      const known = foreseen(error, name, signal);
      deps.log.info({ device: name, code: known.code }, 'not asked what to adopt');
      return { kind: 'unread', why: `It could not be asked: ${known.message}.`, next: known.next };
    }
  }
}

type Looked =
  | ({ readonly kind: 'differs' } & Differences)
  | { readonly kind: 'other' | 'unread'; readonly why: string; readonly next: string };

interface Differences {
  readonly differences: readonly RunningDifference[];
  /** Where secrets differ. */
  readonly secret: readonly TreePath[];
}

const CHANGED = {
  why: 'It runs something else by now, or a merged change is not applied to it yet.',
  next: 'The next check looks again.',
};

const SECRET = {
  why: 'It is a secret, and the fleet repo only names secrets.',
  next: 'Refer to a secret there by hand, or take the change back on the switch.',
};

/** From masked trees: what differs at a place of secrets shows as a fingerprint, and every other value is the real one. */
function differencesOf({ changes, more }: Finding, { maskedIntended, maskedRunning }: Comparison): Differences {
  const all = computeDifferences(maskedIntended, maskedRunning, sameLeaf);
  const recorded = new Set(changes.map(({ path }) => canonicalJson(path)));
  const isSecret = ({ path, to }: RunningDifference): boolean =>
    HOLDS_FINGERPRINT.test(JSON.stringify([path, to, nodeAt(maskedIntended, path)]));
  return {
    differences: all.filter((difference) => !isSecret(difference)),
    secret: all
      .filter((one) => isSecret(one) && (more > 0 || recorded.has(canonicalJson(one.path))))
      .map(({ path }) => path),
  };
}

const HOLDS_FINGERPRINT = new RegExp(FINGERPRINT);

/**
 * Whether a switch still differs as it did when the finding was recorded. Secrets that are shown in a form of the switch's own
 * may differ besides: a check that lets the switch try them knows better than one look.
 */
function isStill({ changes: recorded, more }: Finding, changes: readonly Change[]): boolean {
  const now = new Set(changes.map((change) => canonicalJson(leafOf(change))));
  const then = new Set(recorded.map((leaf) => canonicalJson(leaf)));
  const isNew = [...now].some((leaf) => !then.has(leaf) && !HOLDS_FINGERPRINT.test(leaf));
  return [...then].every((leaf) => now.has(leaf)) && (more > 0 || !isNew);
}

function leafOf(change: Change): DriftedLeaf {
  const { path, from } = change;
  const running = from === undefined ? {} : { running: from };
  return { path, ...(change.kind === 'set' ? { intended: change.to } : {}), ...running };
}
