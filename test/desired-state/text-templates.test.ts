import { describe, expect, it } from 'vitest';
import type { Platforms } from '../../desired-state/fleet.ts';
import { renderDevice } from '../../desired-state/render-device.ts';
import type { Tree } from '../../schemas/json.ts';
import type { ParsedText } from '../../schemas/text-form.ts';
import { edited, type Files, fleetOf, platforms, smallFleet } from './fleet-repo.ts';

const ROLE = 'desired-state/roles/leaf.yaml';
const FILE = '/etc/router.conf';

/** Text of no real platform: two spaces make a section, `password` is followed by a secret, `?` is no line. */
function parse(_: string, text: string): ParsedText {
  const lines = text.split('\n').map((line, index) => ({ line, number: index + 1 }));
  const faults = lines
    .filter(({ line }) => line === '?')
    .map(({ number }) => ({ line: number, message: 'not a line' }));
  if (faults.length > 0) return { kind: 'refused', faults };
  const tree: Record<string, Record<string, Tree>> = {};
  const numbers = new Map<string, number>();
  let section = '';
  for (const { line, number } of lines.filter(({ line }) => line.trim() !== '')) {
    const words = line.trim();
    const path = line.startsWith('  ') ? [section, words] : [words];
    if (path.length === 1) section = words;
    const [, key, secret] = /^(.* password) (\S+)$/.exec(words) ?? [];
    const name = key ?? words;
    const below = secret === undefined ? {} : { '<secret>': secret };
    if (path.length === 1) tree[name] = below as Record<string, Tree>;
    else tree[section] = { ...tree[section], [name]: below };
    numbers.set(JSON.stringify([FILE, ...path.slice(0, -1), name]), number);
  }
  return {
    kind: 'parsed',
    tree: { [FILE]: tree },
    lineOf: (path) => numbers.get(JSON.stringify(path.at(-1) === '<secret>' ? path.slice(0, -1) : path)),
  };
}

const inText: Platforms = {
  ...platforms,
  cumulus: {
    normalise: (tree) => tree,
    secretPatterns: [{ path: ['**', '<secret>'], at: 'value' }],
    text: { parse },
  },
};

async function render(files: Files) {
  const fleet = await fleetOf(edited(smallFleet, { [ROLE]: 'templates: [base.j2]\n', ...files }));
  const leaf = fleet.devices.get('leaf01');
  if (!leaf) throw new Error('no leaf01');
  return renderDevice(fleet, leaf, inText);
}

async function rendered(files: Files) {
  const result = await render(files);
  if (result.kind === 'invalid') throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result.configuration;
}

async function problems(files: Files) {
  const result = await render(files);
  return result.kind === 'invalid' ? result.problems : [];
}

const TEMPLATE = 'desired-state/templates/base.j2';

describe('a device whose platform is configured in text', () => {
  it('gets the lines of its templates, those of the later one after those of the earlier', async () => {
    const { tree } = await rendered({
      [ROLE]: 'templates: [base.j2, more.j2]\n',
      [TEMPLATE]: 'router 1\n  peer a\nhostname {{ device.name }}\n',
      'desired-state/templates/more.j2': 'router 1\n  peer b\nlast\n',
    });

    expect(JSON.stringify(tree)).toBe(
      JSON.stringify({ [FILE]: { 'router 1': { 'peer a': {}, 'peer b': {} }, 'hostname leaf01': {}, last: {} } }),
    );
  });

  it('keeps what looks like a range as it was written', async () => {
    const { tree } = await rendered({ [TEMPLATE]: 'swp1-4\nvlan\n  10-20\n' });

    expect(tree).toEqual({ [FILE]: { 'swp1-4': {}, vlan: { '10-20': {} } } });
  });

  it('knows which line of which template each line came from', async () => {
    const { originOf } = await rendered({
      [TEMPLATE]: "{% for peer in ['a', 'b'] %}\nrouter {{ peer }}\n{% include 'peers.j2' %}\n{% endfor %}\n",
      'desired-state/templates/peers.j2': '\n  peer x\n',
    });

    expect(originOf([FILE, 'router b'])).toEqual({ file: TEMPLATE, line: 2 });
    expect(originOf([FILE, 'router b', 'peer x'])).toEqual({ file: 'desired-state/templates/peers.j2', line: 2 });
  });

  it('names secrets by reference, where a line ends in one', async () => {
    const { tree, secrets } = await rendered({
      [TEMPLATE]: "router 1\n  peer a password {{ secret('site/bgp') }}\n",
    });

    expect(tree).toEqual({ [FILE]: { 'router 1': { 'peer a password': { '<secret>': 'secret:site/bgp' } } } });
    expect(secrets).toEqual([
      { path: [FILE, 'router 1', 'peer a password', '<secret>'], at: 'value', secret: 'site/bgp' },
    ]);
  });

  it('is not to be had with a secret in plain text, or in the middle of a line', async () => {
    const found = await problems({
      [TEMPLATE]: "router 1\n  peer a password hunter2\n  key {{ secret('site/bgp') }} of b\n",
    });

    expect(found.map(({ file, line, code }) => [file, line, code])).toEqual([
      [TEMPLATE, 2, 'DESIRED_STATE_SECRET_IN_PLAIN_TEXT'],
      [TEMPLATE, 3, 'DESIRED_STATE_SECRET_GLUED'],
    ]);
  });

  it('is told which lines of the template cannot be read, with all of them at once', async () => {
    const found = await problems({ [TEMPLATE]: 'router 1\n?\nfine\n{{ "?" }}\n' });

    expect(found.map(({ file, line, code, message }) => [file, line, code, message])).toEqual([
      [TEMPLATE, 2, 'DESIRED_STATE_TEXT', 'not a line (line 2 of what the template gives)'],
      [TEMPLATE, 4, 'DESIRED_STATE_TEXT', 'not a line (line 4 of what the template gives)'],
    ]);
  });

  it('is left to what it runs by a template that gives nothing', async () => {
    const { tree } = await rendered({ [TEMPLATE]: '{% if false %}router 1{% endif %}\n' });

    expect(tree).toEqual({});
  });
});
