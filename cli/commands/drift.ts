import type { DeviceDrift } from '../../ledger/ledger.ts';
import { visible } from '../../plans/safe-text.ts';
import { count, minuteOf } from '../../plans/words.ts';
import { fleetRef } from '../../reconciler/deps.ts';
import { answerDriftCommand } from '../../reconciler/drift/choose-way.ts';
import { computeFindings, type Finding, type Way } from '../../reconciler/drift/findings.ts';
import { lookAtDrift } from '../../reconciler/drift/handle-drift.ts';
import { renderDrifted } from '../../reconciler/drift/proposal-words.ts';
import { BranchMissingError } from '../../reconciler/errors.ts';
import { composeReconciler, type ReachOptions } from '../compose.ts';
import type { RemoteOptions } from '../connect.ts';
import type { ExitCode, Io } from '../io.ts';

/** `pointsman drift`: what switches run that nobody merged, as the last check for drift found it. Contacts no switch. */
export async function driftCommand(
  io: Io,
  { json, ...remote }: RemoteOptions & { readonly json: boolean },
): Promise<ExitCode> {
  const deps = await composeReconciler(io, remote);
  const { view, placeOf } = await lookAtDrift(deps, await tipOf(deps, io.signal), io.signal);
  const drifting = await view.drifting();
  const findings = computeFindings(drifting, placeOf);
  const wentBack = drifting.filter((drift) => drift.wentBack);
  const text = json
    ? `${JSON.stringify({ findings, wentBack: wentBack.map(asData) }, undefined, 2)}\n`
    : `${renderDriftList(findings)}${renderWentBack(wentBack)}`;
  io.out(deps.redact(text));
  return findings.length === 0 ? 0 : 2;
}

/** `pointsman drift adopt|revert`: opens the pull request that goes this way. */
export async function driftWayCommand(
  io: Io,
  way: Way,
  device: string,
  { json, ...reach }: ReachOptions & { readonly json: boolean },
): Promise<ExitCode> {
  const deps = await composeReconciler(io, reach);
  const tip = await tipOf(deps, io.signal);
  const answer = await answerDriftCommand(deps, { tip }, { device, way, by: deps.owner.id }, io.signal);
  const { verdict, why, next, copy, lines = [] } = answer;
  const said = [
    `${verdict === 'done' ? 'Done' : 'Refused'}: ${why}.`,
    ...lines,
    ...(next === undefined ? [] : [`  next: ${[next, ...(copy === undefined ? [] : [copy])].join(' ')}`]),
  ];
  const text = json ? JSON.stringify(answer, undefined, 2) : said.map(visible).join('\n');
  io.out(deps.redact(`${text}\n`));
  return verdict === 'done' ? 0 : 1;
}

type Deps = Awaited<ReturnType<typeof composeReconciler>>;

async function tipOf({ repository, settings }: Deps, signal: AbortSignal): Promise<string> {
  const ref = fleetRef(settings);
  const tip = (await repository.fetch([ref], signal)).get(ref);
  if (!tip) throw new BranchMissingError({ ref });
  return tip;
}

function renderDriftList(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'No switch is known to run anything that nobody merged.\n';
  return findings.map((finding) => `${renderFinding(finding).map(visible).join('\n')}\n`).join('\n');
}

function whatIsDone({ rule, policy, enforce }: Finding): string {
  if (enforce) return `taken back by the rule ${rule} where it may, otherwise proposed`;
  const by = rule === undefined ? 'no rule of automation.yaml' : `the rule ${rule}`;
  return `${policy === 'propose' ? 'proposed' : 'reported'} by ${by}`;
}

function asData({ site, device, wentBack }: DeviceDrift) {
  return { site, device, ...wentBack };
}

function renderWentBack(drifting: readonly DeviceDrift[]): string {
  if (drifting.length === 0) return '';
  const lines = drifting.flatMap(({ device, wentBack }) =>
    wentBack
      ? [
          `${device}: taken back to ${wentBack.to} by ${wentBack.run}; differs from the branch in ${count(wentBack.changes.length + wentBack.more, 'setting')}:`,
          ...renderDrifted(wentBack).map((line) => `  ${line}`),
        ]
      : [],
  );
  const next = '  next: the next deploy that touches one ends that; to make it last, revert the change on the branch';
  return `\nTaken back, which alone is no drift:\n${lines.map(visible).join('\n')}\n${next}\n`;
}

function renderFinding(finding: Finding): readonly string[] {
  const { id, devices, changes, more, since, by, wentBack } = finding;
  const who = by.length === 0 ? '' : `, by ${by.join(', ')}`;
  return [
    `${devices.join(', ')}: ${count(changes.length + more, 'setting')}, first seen ${minuteOf(since)}${who} (${id})`,
    ...(wentBack ? [`  compared with ${wentBack.to}, to which ${wentBack.run} took it back`] : []),
    ...renderDrifted({ changes, more }).map((line) => `  ${line}`),
    `  ${whatIsDone(finding)}`,
    `  next: pointsman drift revert ${devices[0]}${wentBack ? '' : `, or pointsman drift adopt ${devices[0]}`}`,
  ];
}
