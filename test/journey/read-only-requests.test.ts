import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createJourney, git, type Journey } from '../support/journey.ts';

let journey: Journey;
beforeEach(async () => {
  journey = await createJourney();
});
afterEach(() => journey.close());

const request = (workflow: string, ...lines: readonly string[]): string =>
  [`workflow: ${workflow}`, 'reason: before the move', ...lines, ''].join('\n');

async function ask(name: string, text: string): Promise<number> {
  await journey.reconcile();
  const number = await journey.open({
    title: `Ask for ${name}`,
    branch: `ask-${name}`,
    files: new Map([[`requests/${name}.yaml`, text]]),
  });
  await journey.merge(number);
  return number;
}
const tip = async (): Promise<string> => (await git(journey.gitDir, ['rev-parse', '--short=12', 'main'])).out.trim();
const page = async (run: string, file = 'README.md') => {
  const { out } = await git(journey.gitDir, ['ls-tree', '-r', '--name-only', 'pointsman/ledger', 'runs/']);
  const path = out.split('\n').find((one) => one.endsWith(`/${run}/${file}`));
  return path === undefined ? undefined : journey.ledgerFile(path);
};
const told = (number: number) =>
  journey.world.github.comments(number).filter(({ body }) => body.startsWith('<!-- pointsman:run '));
const asked = (name: string) => journey.world.switches.get(name)?.requests() ?? [];

describe('a request for a backup', () => {
  it('is done', async () => {
    const number = await ask('move', request('ConfigurationBackup', 'targets: { devices: [leaf*] }'));
    const passed = await journey.reconcile();
    console.log(passed.out, passed.said.slice(-3000));
    console.log(await journey.ledgerLog());
    const run = `configurationbackup-for-move-${await tip()}`;
    console.log(await page(run));
    console.log(told(number).map(({ body }) => body));
    expect(passed.code).toBe(0);
  });
  it('diff', async () => {
    journey.world.switches
      .get('leaf03')
      ?.outOfBand.applyAs('cumulus', { system: { message: { 'pre-login': 'by hand' } } });
    const number = await ask('move', request('ConfigurationDiff', 'targets: { devices: [leaf*] }'));
    const passed = await journey.reconcile();
    console.log(passed.out, passed.said.slice(-3000));
    console.log(await journey.ledgerLog());
    const run = `configurationdiff-for-move-${await tip()}`;
    console.log(await page(run), await page(run, 'diff.md'));
    console.log(told(number).map(({ body }) => body));
    expect(passed.code).toBe(0);
  });
  it('drift', async () => {
    journey.world.switches
      .get('leaf03')
      ?.outOfBand.applyAs('cumulus', { system: { message: { 'pre-login': 'by hand' } } });
    const number = await ask('move', request('DriftCheck', 'targets: { devices: [leaf*] }'));
    const passed = await journey.reconcile();
    console.log(passed.out, passed.said.slice(-3000));
    console.log(await journey.ledgerLog());
    const run = `driftcheck-for-move-${await tip()}`;
    console.log(await page(run), await page(run, 'drift.md'), await journey.ledgerFile('drift/ams1/leaf03.json'));
    console.log(told(number).map(({ body }) => body));
    expect(passed.code).toBe(0);
  });
});
