import { describe, expect, it } from 'vitest';
import type { Kind } from '../../schemas/kinds.ts';
import type { Problem } from '../../schemas/problem.ts';
import { parseFleetFile } from '../../schemas/validate-file.ts';

const device = 'platform: cumulus\nrole: leaf\naddress: 10.0.0.1\nserial: S1\n';
const settings = (more: string) =>
  `forge: { kind: github, repository: a/b }\nsecrets:\n  fingerprint_key: { secret: x }\n  sources:\n${more}`;

describe('parseFleetFile()', () => {
  it('gives the value of a file that keeps to its schema', () => {
    expect(parseFleetFile('device', device, 'd.yaml')).toMatchObject({
      kind: 'valid',
      file: { value: { platform: 'cumulus', role: 'leaf', address: '10.0.0.1', serial: 'S1' } },
    });
  });

  it.each([
    {
      case: 'an unknown field, with what may have been meant',
      text: `${device}labls: {}\n`,
      problem: {
        line: 5,
        column: 1,
        code: 'SCHEMAS_UNKNOWN_FIELD',
        message: 'unknown field "labls"',
        hint: 'did you mean "labels"?',
      },
    },
    {
      case: 'an unknown field that resembles nothing, without a guess',
      text: `${device}colour: red\n`,
      problem: { line: 5, column: 1, code: 'SCHEMAS_UNKNOWN_FIELD' },
    },
    {
      case: 'a word that is not one of those allowed',
      text: device.replace('cumulus', 'cumulis'),
      problem: { line: 1, column: 11, code: 'SCHEMAS_VALUE', hint: 'did you mean "cumulus"?' },
    },
    {
      case: 'a missing field, at the map that misses it',
      text: 'platform: cumulus\nrole: leaf\naddress: 10.0.0.1\n',
      problem: { line: 1, column: 1, code: 'SCHEMAS_MISSING_FIELD', message: 'missing field "serial"' },
    },
    {
      case: 'a value of another type, deep inside',
      text: `${device}flags:\n  deploy_enabled: maybe\n`,
      problem: { line: 6, column: 19, code: 'SCHEMAS_VALUE', message: 'expected true or false, found "maybe"' },
    },
    {
      case: 'a number where text is needed',
      text: device.replace('S1', '4711'),
      problem: { line: 4, column: 9, code: 'SCHEMAS_VALUE' },
    },
    {
      case: 'an empty file',
      text: '',
      problem: { line: 1, column: 1, code: 'SCHEMAS_VALUE', message: 'expected a map, found nothing' },
    },
  ])('tells $case', ({ text, problem }) => {
    expect(problemsOf('device', text)).toEqual([expect.objectContaining(problem)]);
  });

  it('tells a misspelt field once, not also as missing', () => {
    expect(problemsOf('device', device.replace('serial', 'serail'))).toEqual([
      expect.objectContaining({ line: 4, message: 'unknown field "serail"', hint: 'did you mean "serial"?' }),
    ]);
  });

  it.each([
    {
      case: 'the kind that was meant',
      text: '    - { kind: environment, prefx: A }\n',
      message: 'unknown field "prefx"',
    },
    { case: 'the fields the kind misses', text: '    - kind: directory\n', message: 'missing field "path"' },
    {
      case: 'a kind that is none',
      text: '    - kind: enviroment\n',
      message: 'expected "environment" or "directory", found "enviroment"',
    },
    {
      case: 'something that is no choice at all',
      text: '    - 5\n',
      message: 'expected kind: environment or kind: directory, found the number 5',
    },
  ])('tells of a choice only $case', ({ text, message }) => {
    expect(problemsOf('settings', settings(text)).map((problem) => problem.message)).toEqual([message]);
  });

  it('tells everything at once, in file order', () => {
    const text = 'role: L E A F\nplatform: eos\naddress: 10.0.0.1\nserial: 5\nmac: AA:BB\nflags: { deploy: true }\n';

    expect(problemsOf('device', text).map(({ line }) => line)).toEqual([1, 2, 4, 5, 6]);
  });

  it('keeps what can be judged further of a file that breaks its schema', () => {
    const parsed = parseFleetFile('device', `${device}mac: nonsense\n`, 'd.yaml');

    expect(parsed).toMatchObject({ kind: 'invalid', salvaged: { value: { role: 'leaf', serial: 'S1' } } });
    expect(parsed.kind === 'invalid' && parsed.salvaged?.value).not.toHaveProperty('mac');
  });
});

describe('problems about secrets', () => {
  const canary = 'c4n4ry-hunter2';
  it.each([
    {
      case: 'a password that should be a reference',
      kind: 'device',
      text: `${device}credentials:\n  apply:\n    username: a\n    password: ${canary}\n`,
    },
    {
      case: 'a quoted one in a flow map',
      kind: 'device',
      text: `${device}credentials: { apply: { username: a, password: "${canary}" } }\n`,
    },
    {
      case: 'a name of a secret that is none',
      kind: 'settings',
      text: settings(`    - kind: environment\n`).replace('secret: x', `secret: "${canary} !"`),
    },
    { case: 'a broken quote', kind: 'device', text: `${device}data:\n  bgp_password: "${canary}\n` },
    {
      case: 'a broken block below one',
      kind: 'site',
      text: `data:\n  private_key: |\n    BEGIN ${canary}\n   ${canary}: "\n`,
    },
    {
      case: 'a community that stands twice',
      kind: 'site',
      text: `configuration:\n  readonly-community:\n    ${canary}: {}\n    ${canary}: {}\n`,
    },
    { case: 'a token that starts badly', kind: 'site', text: `data:\n  token: @${canary}\n` },
  ] satisfies readonly { readonly case: string; readonly kind: Kind; readonly text: string }[])(
    'never quote $case',
    ({ kind, text }) => {
      const problems = problemsOf(kind, text);

      expect(problems.length).toBeGreaterThan(0);
      expect(JSON.stringify(problems)).not.toContain(canary);
    },
  );
});

function problemsOf(kind: Kind, text: string): readonly Problem[] {
  const parsed = parseFleetFile(kind, text, 'd.yaml');
  return parsed.kind === 'invalid' ? parsed.problems : [];
}
