import type { TextSize } from '../../desired-state/adopted-files.ts';
import { renderPlanText } from '../../plans/render-plan-text.ts';
import { visible } from '../../plans/safe-text.ts';
import { count } from '../../plans/words.ts';
import type { UnreadSecret } from '../../workflows/extract-secrets.ts';
import { type Adoption, isEmpty, sitesOf } from './adoption.ts';
import type { NamedSwitch } from './name-devices.ts';

/** Where an adoption ended up. */
export type Written =
  /** Nowhere. */
  | { readonly kind: 'nowhere' }
  | { readonly kind: 'files'; readonly folder: string; readonly secretsOut?: string }
  | { readonly kind: 'pull-request'; readonly number: number; readonly url: string; readonly secretsOut?: string };

/** For a terminal: the verdict, the switches, what was written, what is to do. */
export function renderAdoption(adoption: Adoption, written: Written, { color }: { readonly color: boolean }): string {
  const { switches, files, plan } = adoption;
  const lines = [
    verdict(adoption, written),
    ...(isEmpty(adoption) ? [] : ['', renderPlanText(plan, { color }).trimEnd()]),
    '',
    ...table(switches),
    ...(files.kept.length > 0
      ? ['', `Left as they are, because other switches stand under them: ${files.kept.join(', ')}.`]
      : []),
    '',
    `Desired state: ${sizeOf(files.written)}. The configurations one by one: ${sizeOf(files.apart)}.`,
    ...secretLines(adoption, written),
    ...unsavedLines(switches),
    ...(written.kind === 'nowhere' ? [] : ['', ...files.files.map(({ kind, path }) => `  ${kind.padEnd(8)}${path}`)]),
    '',
    ...nextLines(adoption, written),
  ];
  return `${lines.join('\n')}\n`;
}

function verdict(adoption: Adoption, written: Written): string {
  const { switches } = adoption;
  const what = `${count(switches.length, 'switch', 'switches')} of ${sitesOf(switches)}`;
  if (isEmpty(adoption)) return `Adopted ${what}. The first plan is empty: merging this changes nothing on any switch.`;
  return written.kind === 'nowhere'
    ? `Not adopted: the first plan for ${what} would not be empty. Nothing was written.`
    : `Adopted ${what}, as asked although the first plan is not empty.`;
}

function table(switches: readonly NamedSwitch[]): readonly string[] {
  const rows = switches.map(({ name, role, roleGuessed, found, proven }) => [
    name,
    `${found.platform} ${found.identity.version}`,
    found.identity.model,
    `serial ${found.identity.serial}`,
    `role ${role}${roleGuessed ? ' (by its name)' : ''}`,
    PROOF[proven.by],
  ]);
  const widths = rows.reduce<number[]>(
    (most, row) => row.map((cell, index) => Math.max(most[index] ?? 0, visible(cell).length)),
    [],
  );
  return rows.map((row) =>
    `  ${row.map((cell, index) => visible(cell).padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd(),
  );
}

const PROOF = {
  'accepted-pin': 'certificate accepted',
  ca: 'certificate signed by your CA',
  'fleet-ca': "certificate signed by the fleet's CA",
  'first-use': 'CERTIFICATE NOT COMPARED',
} as const;

function sizeOf({ lines, characters }: TextSize): string {
  return `${count(lines, 'line')}, ${count(characters, 'character')}`;
}

function secretLines({ secrets }: Adoption, written: Written): readonly string[] {
  const { values, encrypted, hidden } = secrets;
  const at = written.kind !== 'nowhere' && written.secretsOut !== undefined ? ` in ${written.secretsOut}` : '';
  return [
    ...(values.size > 0 ? ['', `${count(values.size, 'secret')}${at}. The fleet repo only names them.`] : []),
    ...(encrypted.length > 0
      ? [
          `${encrypted.length} of them ${encrypted.length === 1 ? 'is' : 'are'} encrypted by the switch itself, and kept as it shows them. That changes nothing; but no other switch`,
          'understands them, also not the one that replaces it. Put in the real value when somebody knows it:',
          ...placesOf(encrypted),
        ]
      : []),
    ...(hidden.length > 0
      ? [
          '',
          `${count(hidden.length, 'secret')} no switch gives away. Put the real value where the fleet looks for secrets:`,
          ...placesOf(hidden),
        ]
      : []),
  ];
}

function placesOf(secrets: readonly UnreadSecret[]): readonly string[] {
  return secrets.map(({ name, device, path }) => `  ${name}: ${device}, ${visible(path.join('.'))}`);
}

function unsavedLines(switches: readonly NamedSwitch[]): readonly string[] {
  const unsaved = switches.filter(({ found }) => found.unsaved).map(({ name }) => name);
  if (unsaved.length === 0) return [];
  return [
    '',
    `${unsaved.join(', ')} would boot into another configuration: what was adopted is what runs now, which is not saved.`,
  ];
}

function nextLines(adoption: Adoption, written: Written): readonly string[] {
  const { values } = adoption.secrets;
  const secretsFirst = values.size > 0 ? 'Put the secrets where pointsman.yaml looks for them, and then ' : '';
  switch (written.kind) {
    case 'nowhere':
      return [
        'Next: mend what stands above and run it again. --allow-differences writes it all the same, for a pull request that changes these switches.',
      ];
    case 'files':
      return [
        secretsFirst === ''
          ? `Next: read the files in ${written.folder}, and open a pull request with them.`
          : `Next: ${secretsFirst.toLowerCase()}open a pull request with the files in ${written.folder}.`,
      ];
    case 'pull-request':
      return [
        `Pull request #${written.number}: ${written.url}`,
        ...(secretsFirst === '' ? [] : [`Next: ${secretsFirst.toLowerCase()}have it reviewed and merged.`]),
      ];
    default:
      return written satisfies never;
  }
}

/** For programs. Holds no secret. */
export function adoptionJson(adoption: Adoption, written: Written): string {
  const { switches, files, secrets, plan } = adoption;
  const report = {
    adopted: written.kind !== 'nowhere',
    empty: isEmpty(adoption),
    switches: switches.map(({ name, site, role, roleGuessed, found, proven }) => ({
      ...{ name, site, role, roleGuessed },
      platform: found.platform,
      version: found.identity.version,
      model: found.identity.model,
      serial: found.identity.serial,
      pin: found.identity.pin,
      provenBy: proven.by,
      unsaved: found.unsaved,
      plan: plan.devices.find(({ device }) => device === name)?.kind,
    })),
    files: files.files.map(({ path, kind }) => ({ path, kind })),
    kept: files.kept,
    text: { desiredState: files.written, oneByOne: files.apart },
    secrets: { names: [...secrets.values.keys()].sort(), encrypted: secrets.encrypted, hidden: secrets.hidden },
    written,
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
