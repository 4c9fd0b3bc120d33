import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GIVEN, type Spoken, speakEverywhere } from '../support/canaries.ts';
import { createJourney, type Journey } from '../support/journey.ts';

const PLACES = [
  'output',
  'logs',
  'comments',
  'checks',
  'issues',
  'deployments',
  'ledger',
  'logs of a job',
  'annotations',
  'outputs',
  'job summaries',
  'answers',
  'metrics',
  'logs of the service',
  'adopted',
];

/** What shows that each of the days was as bad as it was meant to be. */
const SAID = [
  ['comments', '«secret:'],
  ['ledger', '«secret:'],
  ['output', 'is of no use here'],
  ['annotations', 'The heartbeat was not delivered'],
  ['annotations', 'is not <name>=<value>'],
  ['metrics', 'verdict="forged"'],
  ['adopted', 'underlay-password'],
] as const;

/** Shorter lines of a file of secrets are words that stand anywhere. */
const SHORTEST = 8;

describe('no secret leaves memory', () => {
  let spoken: Spoken;
  beforeAll(async () => {
    spoken = await speakEverywhere();
  }, 600_000);

  /** Where a value stands, as it is or as base64. */
  function findAnywhere(value: string): readonly string[] {
    const base64 = Buffer.from(value).toString('base64').replace(/=+$/, '').slice(0, -1);
    return [...spoken.texts].flatMap(([where, text]) =>
      [value, base64].flatMap((form) => contextOf(text, form).map((context) => `${where}: ${context}`)),
    );
  }

  it('and the search would find one: every place says much, and fingerprints stand where secrets were', () => {
    expect([...spoken.texts.keys()].toSorted()).toEqual(PLACES.toSorted());
    for (const [where, text] of spoken.texts) expect(text.length, where).toBeGreaterThan(100);
    const missing = SAID.filter(([where, what]) => !spoken.texts.get(where)?.includes(what));
    expect(missing).toEqual([]);
  });

  it.each(GIVEN)('not $what, as it is or as base64', ({ value }) => {
    expect(findAnywhere(value)).toEqual([]);
  });

  it('not the key of the App, nor any line of it', () => {
    const lines = spoken.privateKey.split('\n').filter((line) => !line.startsWith('-----') && line !== '');

    expect(lines.length).toBeGreaterThan(20);
    expect(lines.flatMap(findAnywhere)).toEqual([]);
    expect(findAnywhere('PRIVATE KEY')).toEqual([]);
  });

  it('not one token of the App', () => {
    expect(spoken.tokens.size).toBeGreaterThan(10);
    expect([...spoken.tokens].flatMap(findAnywhere)).toEqual([]);
  });

  it('not what adopt wrote into files for the owner of the switches', () => {
    const values = [...spoken.adopted].filter((value) => value.length >= SHORTEST);

    expect(values.length).toBeGreaterThan(5);
    expect(values.flatMap(findAnywhere)).toEqual([]);
  });
});

describe('a reference to a secret', () => {
  let journey: Journey;
  beforeAll(async () => {
    journey = await createJourney();
  });
  afterAll(() => journey.close());

  it('is refused where no switch keeps a secret, because it would be shown there', async () => {
    const path = 'desired-state/roles/leaf.yaml';
    const text = journey.world.files.get(path) ?? '';
    const banner = '  system:\n    message:\n      post-login: { secret: ams1/bgp-password }\n';
    const number = await journey.open({
      title: 'Show the password to everybody',
      branch: 'banner',
      files: new Map([[path, text.replace('  system:\n', banner)]]),
    });

    const ran = await journey.plan(number);

    expect(ran).toMatchObject({ code: 1, out: expect.stringContaining(`${path}:`) });
  });

  it('is read with a token that is shown nowhere', async () => {
    const token = journey.world.environment['GITHUB_TOKEN'] ?? '';
    const number = await journey.open(journey.stories.addVlan);
    journey.world.github.inject({ kind: 'rest' }, { kind: 'status', status: 403, message: `no use for ${token}` });

    const ran = [await journey.plan(number), await journey.plan(number)];

    expect(token.length).toBeGreaterThan(8);
    expect(JSON.stringify(ran)).toContain('no use for');
    expect(JSON.stringify(ran) + journey.comment(number)).not.toContain(token);
  });
});

function contextOf(text: string, canary: string): readonly string[] {
  const at = text.indexOf(canary);
  return at < 0 ? [] : [text.slice(Math.max(0, at - 80), at + 20)];
}
