import type { CommentDetail } from './comment-detail.ts';
import type { BlockedDevice, Plan } from './plan.ts';
import type { LeftOut } from './render-groups.ts';
import { code, cutMiddle, prose } from './safe-text.ts';
import { count, listNames, saidOf } from './words.ts';

/** Everything about devices that is no diff: those without a change as a count, those that are blocked by name and reason. */
export function renderOtherDevices(plan: Plan, detail: CommentDetail, leftOut: LeftOut): readonly string[] {
  return [...renderDeviceCounts(plan), ...renderDeviceReasons(plan, detail, leftOut)];
}

/** How many devices nothing is done to. */
export function renderDeviceCounts(plan: Plan): readonly string[] {
  const blocked = plan.devices.filter((device) => device.kind === 'blocked');
  const unchanged =
    plan.devices.length - blocked.length - plan.groups.reduce((sum, { devices }) => sum + devices.length, 0);
  const counts = [
    ...(unchanged > 0 ? [`${count(unchanged, 'device')} already as intended`] : []),
    ...(blocked.length > 0 ? [`${blocked.length} blocked`] : []),
    ...(plan.elsewhere > 0 ? [`${count(plan.elsewhere, 'device')} not concerned`] : []),
  ];
  return counts.length > 0 ? [counts.join(' · '), ''] : [];
}

/** Why nothing is done to some, and what there is to know of others. */
export function renderDeviceReasons(plan: Plan, detail: CommentDetail, leftOut: LeftOut): readonly string[] {
  const blocked = plan.devices.filter((device) => device.kind === 'blocked');
  return [
    ...renderBlocked(blocked, detail, leftOut),
    ...renderRemoved(plan.removed, detail, leftOut),
    ...renderNotes(plan, detail, leftOut),
  ];
}

function renderBlocked(blocked: readonly BlockedDevice[], detail: CommentDetail, leftOut: LeftOut): readonly string[] {
  if (blocked.length === 0) return [];
  if (blocked.length > detail.rows) leftOut('some blocked devices');
  return [
    '**Blocked**: nothing is done to these, and they hold up no other.',
    '',
    ...blocked
      .slice(0, detail.rows)
      .flatMap(({ device, error }) => [
        `- ${code(device)}: ${sentence(saidOf(device, error.message), detail)} (${code(error.code)})`,
        `  ${sentence(error.next, detail)}`,
      ]),
    ...moreItems(blocked.length - detail.rows, 'blocked device'),
    '',
  ];
}

function renderRemoved(removed: readonly string[], detail: CommentDetail, leftOut: LeftOut): readonly string[] {
  if (removed.length === 0) return [];
  if (removed.length > detail.names) leftOut('names of devices');
  return [`**Taken out of the fleet**, and left as they are: ${listNames(removed, detail.names, code)}`, ''];
}

/** Equal notes are one line. */
function renderNotes({ devices }: Plan, detail: CommentDetail, leftOut: LeftOut): readonly string[] {
  const byNote = new Map<string, string[]>();
  for (const device of devices) {
    if (device.kind !== 'changing') continue;
    for (const note of device.notes) byNote.set(note, [...(byNote.get(note) ?? []), device.device]);
  }
  if (byNote.size === 0) return [];
  if (byNote.size > detail.rows) leftOut('some notes');
  const most = Math.min(detail.names, 5);
  return [
    '**To know:**',
    '',
    ...[...byNote]
      .slice(0, detail.rows)
      .map(([note, names]) => `- ${listNames(names, most, code)}: ${sentence(note, detail)}`),
    ...moreItems(byNote.size - detail.rows, 'note'),
    '',
  ];
}

function sentence(text: string, detail: CommentDetail): string {
  return prose(cutMiddle(text, detail.sentence));
}

function moreItems(number: number, what: string): readonly string[] {
  return number > 0 ? [`- … and ${count(number, `more ${what}`)}`] : [];
}
