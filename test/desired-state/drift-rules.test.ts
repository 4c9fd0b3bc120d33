import { describe, expect, it } from 'vitest';
import { edited, problemsOf, smallFleet } from './fleet-repo.ts';

const SITE = 'desired-state/sites/ams1.yaml';
const windows = 'windows:\n  - { name: nightly, from: "22:00", to: "04:00" }\n';

const valid = [
  'drift_classes:',
  '  clock:',
  '    paths: [service.ntp, interface.*.description]',
  'drift:',
  '  - name: clocks',
  '    policy: enforce',
  '    classes: [clock]',
  '    windows: [nightly]',
  '',
];
/** The same, with lines replaced by their numbers; `undefined` takes one out. */
const withLines = (changes: Readonly<Record<number, string | undefined>>): string =>
  valid.flatMap((line, index) => (index + 1 in changes ? (changes[index + 1] ?? []) : line)).join('\n');
const problemsWith = (text: string) =>
  problemsOf(edited(smallFleet, { 'automation.yaml': text, [SITE]: `${smallFleet[SITE] ?? ''}${windows}` }));

describe('a rule that takes drift back by itself', () => {
  it('names classes that are narrow and windows that exist', async () => {
    expect(await problemsWith(valid.join('\n'))).toEqual([]);
  });

  it.each(['interface', 'router', 'system', 'interface.*', '"*.ntp"', 'interface.swp*'])(
    'may name no class as wide as %s',
    async (path) => {
      const line = 3;
      const [problem, ...others] = await problemsWith(withLines({ [line]: `    paths: [${path}]` }));
      expect(problem).toContain(`automation.yaml:${line}:13 DESIRED_STATE_DRIFT_CLASS_WIDE`);
      expect(others).toEqual([]);
    },
  );

  it.each([
    ['no classes', { 7: undefined }, ['automation.yaml:6:13 DESIRED_STATE_DRIFT_RULE']],
    ['no windows', { 8: undefined }, ['automation.yaml:6:13 DESIRED_STATE_DRIFT_RULE']],
    ['a class that is not there', { 7: '    classes: [clocks]' }, ['automation.yaml:7:15 DESIRED_STATE_DRIFT_RULE']],
    ['a window no site has', { 8: '    windows: [night]' }, ['automation.yaml:8:15 DESIRED_STATE_DRIFT_RULE']],
    [
      'a name another has',
      { 8: '    windows: [nightly]\n  - name: clocks\n    policy: report' },
      ['automation.yaml:9:11 DESIRED_STATE_DRIFT_RULE'],
    ],
    [
      'the other way',
      { 6: '    policy: enforce\n    propose: adopt' },
      ['automation.yaml:7:14 DESIRED_STATE_DRIFT_RULE'],
    ],
  ] as const)('is refused with %s, with its place', async (_what, changes, expected) => {
    const found = await problemsWith(withLines(changes));
    expect(found.map((problem) => problem.split(' ').slice(0, 2).join(' '))).toEqual(expected);
  });

  it('alone may name any', async () => {
    const found = await problemsWith(withLines({ 6: '    policy: propose' }));
    expect(found).toHaveLength(2);
  });
});
