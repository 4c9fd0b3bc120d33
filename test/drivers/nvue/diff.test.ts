import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeTreeChanges, deviceChanges, isEmptyDiff } from '../../../drivers/nvue/diff.ts';
import { normaliseTree } from '../../../drivers/nvue/normalise.ts';
import { holds, mergePatch } from '../../../drivers/nvue/tree.ts';
import { computeChanges } from '../../../plans/compute-changes.ts';
import { canonicalJson } from '../../../schemas/canonical.ts';
import { isTree, type Json, type Tree } from '../../../schemas/json.ts';
import { BASE, createLab, never } from '../lab.ts';

const KEYS = ['a', 'b', 'c', '10', 'swp1', 'constructor', 'x.y'];
const leaf = fc.oneof(fc.constantFrom('on', 'up', '7', ''), fc.integer({ min: 0, max: 9 }), fc.constant({}));
const treeOf = (keys: readonly string[]) =>
  fc.letrec<{ tree: Tree; node: Tree[string] }>((tie) => ({
    tree: fc.dictionary(fc.constantFrom(...keys), tie('node'), { maxKeys: 4, noNullPrototype: true }),
    node: fc.oneof({ maxDepth: 4, withCrossShrink: true }, leaf, tie('tree')),
  })).tree;
const tree = treeOf(KEYS);
/** What nobody would call a key on purpose, and what JSON can hold all the same. */
const hostileTree = treeOf([...KEYS, '__proto__']);

describe('the account of the switch', () => {
  it('says the same as comparing the trees, for any two', () => {
    fc.assert(
      fc.property(tree, tree, (applied, candidate) => {
        const diff = { forward: patchBetween(applied, candidate), backward: patchBetween(candidate, applied) };

        expect(deviceChanges(candidate, diff)).toEqual(computeChanges(candidate, applied));
      }),
    );
  });

  it('says the same when the switch reads diff= the other way round', () => {
    fc.assert(
      fc.property(tree, tree, (applied, candidate) => {
        const diff = { backward: patchBetween(applied, candidate), forward: patchBetween(candidate, applied) };

        expect(deviceChanges(candidate, diff)).toEqual(computeChanges(candidate, applied));
      }),
    );
  });

  it('shows whatever the switch holds otherwise than it was sent', () => {
    const sent = { router: { bgp: { enable: 'on' } } };
    const forward = { router: { bgp: { enable: 'on', 'router-id': '10.0.0.1' } } };

    expect(deviceChanges(sent, { forward, backward: { router: null } })).toContainEqual({
      kind: 'set',
      path: ['router', 'bgp', 'router-id'],
      to: '10.0.0.1',
    });
  });

  it('does not show an interface type that the name implies and the switch wrote', () => {
    const sent = normaliseTree({ interface: { swp1: { link: { mtu: 9000 } } } });
    const forward = { interface: { swp1: { type: 'swp', link: { mtu: 9000 } } } };
    const backward = { interface: { swp1: { type: null, link: { mtu: 1500 } } } };

    expect(deviceChanges(sent, { forward, backward })).toEqual([
      { kind: 'set', path: ['interface', 'swp1', 'link', 'mtu'], to: 9000, from: 1500 },
    ]);
  });

  it('is empty for {} both ways, whatever the header says, and for nothing else', () => {
    const header = { model: 'VX', version: 'Cumulus Linux 5.11.1' };

    expect(isEmptyDiff({ forward: { header }, backward: {} })).toBe(true);
    expect(isEmptyDiff({ forward: {}, backward: { system: null } })).toBe(false);
  });

  it('of an emulated switch says the same as comparing the trees', async () => {
    const lab = await createLab();
    const session = await lab.open();
    const port = fc.record(
      {
        link: fc.record({ mtu: fc.integer({ min: 1280, max: 9216 }) }),
        description: fc.constantFrom('to spine01', 'to server 7'),
        ip: fc.record({ address: fc.dictionary(fc.constantFrom('10.0.0.0/31', '10.0.0.2/31'), fc.constant({})) }),
      },
      { requiredKeys: [], noNullPrototype: true },
    );
    const ports = fc.dictionary(fc.constantFrom('swp1', 'swp2', 'swp3', 'swp10'), port, { noNullPrototype: true });

    await fc.assert(
      fc.asyncProperty(ports, async (interfaces) => {
        const intended = { ...BASE, interface: { ...(BASE['interface'] as Tree), ...(interfaces as Tree) } };
        const running = await session.read(never);

        const staged = await session.stage(intended, running.candidates, never);

        expect(staged.deviceChanges).toEqual(computeChanges(normaliseTree(intended), running.tree));
        await session.discard(staged.candidate, never);
      }),
      { numRuns: 25 },
    );
    await lab.close();
  });
});

describe('computeTreeChanges()', () => {
  it('agrees with the plan on which leaves change and in which order', () => {
    fc.assert(
      fc.property(hostileTree, hostileTree, (a, b) => {
        expect(computeTreeChanges(a, b)).toEqual(computeChanges(b, a));
      }),
    );
  });
});

describe('mergePatch()', () => {
  it('turns a tree into the one the patch was made for', () => {
    fc.assert(
      fc.property(hostileTree, hostileTree, (a, b) => {
        expect(canonicalJson(mergePatch(a, patchBetween(a, b)))).toBe(canonicalJson(b));
      }),
    );
  });
});

describe('holds()', () => {
  it.each([
    { case: 'the same in another order', found: { a: 1, b: '2' }, sent: { b: 2, a: 1 }, expected: true },
    { case: 'an encrypted value', found: { password: '$nvsec$ab' }, sent: { password: 'plain' }, expected: true },
    {
      case: 'an encrypted key with the same content',
      found: { c: { $nvsec$ab: { access: {} } } },
      sent: { c: { public: { access: {} } } },
      expected: true,
    },
    {
      case: 'an encrypted key with other content',
      found: { c: { $nvsec$ab: { access: {} } } },
      sent: { c: { public: { view: 'all' } } },
      expected: false,
    },
    {
      case: 'one encrypted key too few',
      found: { c: { $nvsec$ab: {} } },
      sent: { c: { x: {}, y: {} } },
      expected: false,
    },
    { case: 'another key', found: { c: { x: {} } }, sent: { c: { y: {} } }, expected: false },
    { case: 'an empty map for nothing', found: { c: {} }, sent: {}, expected: false },
  ])('$case: $expected', ({ found, sent, expected }) => {
    expect(holds(found as Tree, sent as Tree)).toBe(expected);
  });
});

/** RFC 7386, as a switch would write it: written here from the RFC, so that two readings of it meet. */
function patchBetween(from: Tree, to: Tree): Tree {
  const entries: [string, Json][] = [];
  for (const name of Object.keys(from)) if (!Object.hasOwn(to, name)) entries.push([name, null]);
  for (const [name, after] of Object.entries(to)) {
    const before = Object.hasOwn(from, name) ? from[name] : undefined;
    if (isTree(before) && isTree(after)) {
      const below = patchBetween(before, after);
      if (Object.keys(below).length > 0) entries.push([name, below as Json]);
    } else if (before === undefined || canonicalJson(before) !== canonicalJson(after))
      entries.push([name, after as Json]);
  }
  return Object.fromEntries(entries) as Tree;
}
