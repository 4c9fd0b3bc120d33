import type { Fleet } from '../../desired-state/fleet.ts';
import { readStartup } from '../../desired-state/layer.ts';
import { mergeTrees } from '../../desired-state/merge-trees.ts';
import { renderVerdicts } from '../../desired-state/render-device.ts';
import type { ObjectId } from '../../git/repository.ts';
import { devicePath } from '../../ledger/paths.ts';
import { parseDeviceState } from '../../ledger/records-codec.ts';
import { sha256OfJson } from '../../schemas/canonical.ts';
import { PointsmanError } from '../../schemas/errors.ts';
import type { Platform } from '../../schemas/fleet.ts';
import { isTree, type Json, type Tree } from '../../schemas/json.ts';
import { parseYaml } from '../../schemas/parse-yaml.ts';
import type { TextForm } from '../../schemas/text-form.ts';
import type { PlanSubject } from '../../workflows/plan-configuration.ts';
import { BackupSecretsUnknownError, CannotGoBackError } from '../errors.ts';
import { platforms } from '../platforms.ts';
import { intendedFromBackup, restoreSecrets } from './restore-secrets.ts';
import { type RollBackDeps, takenBack } from './taken-back.ts';

export interface LedgerBackup {
  /** Of the ledger. */
  readonly commit: ObjectId;
  /** In words. */
  readonly backTo: string;
}

/** Switches with their backups as what they are to run. */
export async function backToBackup(
  deps: RollBackDeps,
  { subjects, fleet }: { readonly subjects: readonly PlanSubject[]; readonly fleet: Fleet },
  backup: LedgerBackup,
): Promise<readonly PlanSubject[]> {
  const going = subjects.filter(({ refused }) => !refused);
  const files = await deps.repository.readFiles(backup.commit, going.flatMap(pathsOf));
  return Promise.all(
    subjects.map((subject) => (subject.refused ? subject : backToFile(deps, fleet, subject, files, backup))),
  );
}

async function backToFile(
  { switches }: RollBackDeps,
  fleet: Fleet,
  subject: PlanSubject,
  files: ReadonlyMap<string, string>,
  { commit, backTo }: LedgerBackup,
): Promise<PlanSubject> {
  const { device, fleetDevice } = subject;
  const [file, statePath] = pathsOf(subject);
  const read = readBackup(files.get(file), file, fleetDevice.value.platform);
  if ('why' in read) return { ...subject, refused: new CannotGoBackError({ device, backTo, why: read.why }) };

  const [now] = renderVerdicts(fleet, [fleetDevice], platforms);
  const today = now?.kind === 'rendered' ? subject.intended : undefined;
  const names = [...new Set(today?.secrets.map(({ secret }) => secret))];
  let fingerprints: ReadonlyMap<string, string>;
  try {
    fingerprints = new Map(
      await Promise.all(
        names.map(async (name) => [name, switches.fingerprint(await switches.secrets.read(name))] as const),
      ),
    );
  } catch (error) {
    if (error instanceof PointsmanError) return { ...subject, refused: error };
    throw error;
  }

  const state = files.get(statePath);
  const restored = restoreSecrets(platforms[fleetDevice.value.platform].normalise(read.tree), {
    ...(today ? { today } : {}),
    fingerprints,
    remembered: state === undefined ? {} : parseDeviceState(state, statePath).opaqueSecrets,
  });
  if (restored.unknown.length > 0) {
    const paths = restored.unknown.map((path) => path.join('.'));
    return { ...subject, refused: new BackupSecretsUnknownError({ device, file, paths }) };
  }
  if (now?.kind === 'rendered' && sha256OfJson(restored.tree) === now.digest) return subject;
  const origin = { file, at: commit.slice(0, 12) };
  return takenBack(subject, {
    intended: intendedFromBackup(device, restored, origin, today),
    backTo,
    notes: notesOn(restored.others),
  });
}

/** Files of the ledger about one switch. */
export function pathsOf({
  site,
  device,
}: Pick<PlanSubject, 'site' | 'device'>): readonly [backup: string, state: string] {
  return [`backups/${site}/${device}.yaml`, devicePath(site, device)];
}

/** What a backup says, in the words of its switch, with fingerprints where secrets were. */
export function readBackup(
  text: string | undefined,
  file: string,
  platform: Platform,
): { readonly tree: Tree } | { readonly why: string } {
  if (text === undefined) return { why: `the ledger has no ${file} there` };
  const parsed = parseYaml(text, file);
  if (parsed.kind === 'invalid') {
    const [first] = parsed.problems;
    return { why: `its backup cannot be read: ${file}:${first?.line ?? 1} ${first?.message}` };
  }
  const { value } = parsed.document;
  const form = platforms[platform].text;
  if (form) return readTexts(form, value, file);
  const blocks = Array.isArray(value) ? readStartup(value) : undefined;
  if (blocks === undefined || 'notABlock' in blocks) {
    return { why: `its backup cannot be read: ${file} is no list of header and set` };
  }
  return { tree: blocks.reduce<Tree>((below, { tree }) => mergeTrees(below, tree), {}) };
}

/** The files of a platform that is configured in text: `- text: { /etc/frr/frr.conf: … }`, after a header. */
function readTexts(form: TextForm, value: Json, file: string): { readonly tree: Tree } | { readonly why: string } {
  const blocks = Array.isArray(value) ? value.filter(isTree) : [];
  const texts = blocks.flatMap(({ text }) => (isTree(text) ? Object.entries(text) : []));
  if (texts.length === 0) return { why: `its backup cannot be read: ${file} is no list of header and text` };
  let tree: Tree = {};
  for (const [name, text] of texts) {
    const parsed = form.parse(name, String(text));
    if (parsed.kind === 'refused') {
      const [fault] = parsed.faults;
      return { why: `its backup cannot be read: ${file}, line ${fault?.line} of ${name}: ${fault?.message}` };
    }
    tree = mergeTrees(tree, parsed.tree);
  }
  return { tree };
}

function notesOn(others: number): readonly string[] {
  if (others === 0) return [];
  const which = others === 1 ? '1 secret of its backup' : `${others} secrets of its backup`;
  return [`${which} cannot be shown to be today's, so what the fleet has at these places today is set`];
}
