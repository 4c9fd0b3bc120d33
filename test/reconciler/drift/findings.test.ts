import { describe, expect, it } from 'vitest';
import { computeFindings } from '../../../reconciler/drift/findings.ts';
import { drift, PROPOSE, T0, under } from './build.ts';

const other = [{ path: ['a'], running: 1 }];

it('switches that differ alike are one finding, whatever else is recorded of them', () => {
  const found = computeFindings(
    [
      drift('leaf02', { since: T0 + 5, by: 'root', digest: 'e'.repeat(64), site: 'fra1' }),
      drift('leaf01', { since: T0 + 9, by: 'admin' }),
      drift('leaf03', { changes: other, since: T0 }),
    ],
    () => under(PROPOSE),
  );

  expect(found).toMatchObject([
    { devices: ['leaf03'], since: T0 },
    { devices: ['leaf01', 'leaf02'], sites: ['ams1', 'fra1'], since: T0 + 5, by: ['admin', 'root'] },
  ]);
});

it('what is the same as far as it is kept is one finding only where all of it is', () => {
  const digests = ['a', 'b', 'a'].map((digit) => digit.repeat(64));
  const found = computeFindings(
    digests.map((digest, index) => drift(`leaf0${index}`, { more: 3, digest })),
    () => under(PROPOSE),
  );

  expect(found.map(({ devices }) => devices).sort()).toEqual([['leaf00', 'leaf02'], ['leaf01']]);
});

it('the same change under another rule, or behind another runner, is another finding', () => {
  const places = [under(PROPOSE), under({ ...PROPOSE, name: 'edge' }), under(PROPOSE, 'fra1'), under()];
  const found = computeFindings(
    places.map((_, index) => drift(String(index))),
    (device) => places[Number(device)],
  );

  expect(new Set(found.map(({ id }) => id)).size).toBe(4);
});

it('keeps the name of a finding when switches join and leave it', () => {
  const [one] = computeFindings([drift('leaf01')], () => under(PROPOSE));
  const [two] = computeFindings([drift('leaf02'), drift('leaf03')], () => under(PROPOSE));

  expect(two?.id).toBe(one?.id);
  expect(one?.id).toMatch(/^[0-9a-f]{12}$/);
});

it('leaves out what a rule ignores, and switches that are not in the fleet any more', () => {
  const ignore = under({ name: 'lab', policy: 'ignore' });
  const found = computeFindings([drift('lab01'), drift('gone')], (device) => (device === 'gone' ? undefined : ignore));

  expect(found).toEqual([]);
});

it('only reports where no rule fits', () => {
  expect(computeFindings([drift('leaf01')], () => under())).toMatchObject([{ policy: 'report' }]);
});

it('puts what was seen first first', () => {
  const drifts = [5, 3, 4, 1, 2].map((later) =>
    drift(`leaf0${later}`, { since: T0 + later, changes: [{ path: ['mtu'], running: later }] }),
  );

  const found = computeFindings(drifts, () => under(PROPOSE));

  expect(found.map(({ since }) => since - T0)).toEqual([1, 2, 3, 4, 5]);
});

describe('findings of switches that were taken back', () => {
  const BACK = { to: 'commit 0123456789ab', run: 'rollback-for-back-0123456789ab', changes: [], more: 0 };
  const place = () => under(PROPOSE);
  const back = (device: string, ledger: string, changes = drift(device).changes) =>
    drift(device, { changes, wentBack: { ...BACK, ledger } });

  it('are none where nobody changed anything since', () => {
    expect(computeFindings([back('leaf01', 'a', [])], place)).toEqual([]);
  });

  it('are others than those of switches that were not, and of those that were taken back at another time', () => {
    const drifting = [drift('leaf01'), back('leaf02', 'a'), back('leaf03', 'b'), back('leaf04', 'a')];
    const findings = computeFindings(drifting, place);

    expect(findings.map(({ devices }) => devices.join()).toSorted()).toEqual(['leaf01', 'leaf02,leaf04', 'leaf03']);
    expect(findings.find(({ devices }) => devices.includes('leaf02'))?.wentBack).toEqual({
      to: BACK.to,
      run: BACK.run,
      ledger: 'a',
    });
  });
});
