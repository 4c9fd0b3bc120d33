import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adoptChanges, type RunningDifference } from '../../desired-state/adopt-changes.ts';
import type { Fleet } from '../../desired-state/fleet.ts';
import { foldRanges } from '../../desired-state/fold-ranges.ts';
import { renderDevice } from '../../desired-state/render-device.ts';
import { renderYaml } from '../../desired-state/render-yaml.ts';
import { computeDifferences, withDifferences } from '../../desired-state/running-difference.ts';
import type { Json, Leaf, Tree, TreePath } from '../../schemas/json.ts';
import { expandRanges } from '../../schemas/ranges.ts';
import { anyConfiguration } from './any-configuration.ts';
import { fleetInMemory } from './fleet-in-memory.ts';
import { device, edited, type Files, platforms, smallFleet } from './fleet-repo.ts';

const DEVICE = 'desired-state/devices/ams1/leaf01.yaml';
const STARTUP = 'desired-state/devices/ams1/leaf01.startup.yaml';
const TEMPLATE = 'desired-state/templates/base.j2';

describe('adoptChanges(), for any fleet and whatever a switch runs', () => {
  it('makes it the intent, but for what templates say, and leaves other devices and comments as they were', async () => {
    const dice = fc.infiniteStream(fc.integer({ min: 0, max: 99 }));
    await fc.assert(
      fc.asyncProperty(anyFleet, anyConfiguration(), dice, async ({ files, template }, other, stream) => {
        const fleet = await fleetInMemory(files);
        const intended = renderedTree(fleet, 'leaf01');
        const differences = computeDifferences(intended, other, (a, b) =>
          isDeepStrictEqual(meaning(a), meaning(b)),
        ).filter(() => Number(stream.next().value) < 30);

        const result = adopt(fleet, files, differences);

        const left = new Set(result.left.map(({ path }) => JSON.stringify(path)));
        const adopted = differences.filter(({ path }) => !left.has(JSON.stringify(path)));
        const written = result.kind === 'adopted' ? result.files : new Map<string, string>();
        const now = await fleetInMemory(edited(files, Object.fromEntries(written)));
        expect(meaning(renderedTree(now, 'leaf01'))).toEqual(meaning(withDifferences(intended, adopted)));
        expect(renderedTree(now, 'leaf02')).toEqual(renderedTree(fleet, 'leaf02'));
        expect(result.left.filter(({ path }) => !hasSay(expandRanges(template), path))).toEqual([]);
        const text = written.get(DEVICE) ?? '';
        const kept = files[DEVICE]?.match(written.has(DEVICE) && /^configuration:$/m.test(text) ? /#.*/g : /# head/g);
        for (const comment of kept ?? []) if (written.has(DEVICE)) expect(text).toContain(comment);
      }),
      { numRuns: 60 },
    );
  });
});

function adopt(fleet: Fleet, files: Files, differences: readonly RunningDifference[]) {
  const target = fleet.devices.get('leaf01');
  if (!target) throw new Error('there is no leaf01');
  return adoptChanges(fleet, new Map(Object.entries(files)), target, differences, platforms);
}

function renderedTree(fleet: Fleet, name: string): Tree {
  const target = fleet.devices.get(name);
  const rendered = target && renderDevice(fleet, target, platforms);
  if (rendered?.kind !== 'rendered') throw new Error(`${name} cannot be rendered`);
  return rendered.configuration.tree;
}

/** A number and its text mean the same to a switch. */
function meaning(tree: Tree | Leaf): unknown {
  return JSON.parse(JSON.stringify(tree, (_, value) => (typeof value === 'number' ? String(value) : value)));
}

/** Whether a template says what stands at a path, or that a map is there that would have to go with its last member. */
function hasSay(template: Tree, path: TreePath): boolean {
  return Object.hasOwn(template, path[0] ?? '');
}

/** As somebody writes a layer: what alike ports have in common under ranges, and things taken away. */
const anyLayer = anyConfiguration(true).map((tree) => foldRanges(tree));
const anyBlocks = fc.array(
  fc.oneof(
    anyLayer.map((set): Json => ({ set })),
    anyLayer.map((unset): Json => ({ unset })),
    fc.constant<Json>({ header: { model: 'VX' } }),
  ),
  { maxLength: 4 },
);

/** A section of block maps, each member with a comment above it. */
function block(configuration: Tree): string {
  const [first = '', ...rest] = renderYaml({ configuration });
  const commented = rest.flatMap((line, index) =>
    /^ {2}\S/.test(line) ? [`  # about member ${index}`, line] : [line],
  );
  return `${['# head', first, ...commented].join('\n')}\n`;
}

const anyFleet = fc
  .record({
    role: anyLayer,
    site: anyLayer,
    own: fc.oneof(
      anyLayer.map(block),
      // JSON is YAML of one line.
      anyLayer.map((configuration) => `# head\nconfiguration: ${JSON.stringify(configuration)}\n`),
      anyBlocks.map((configuration) => `# head\nconfiguration: ${JSON.stringify(configuration)}\n`),
      fc.constant('# head\n'),
    ),
    startup: fc.option(anyBlocks, { nil: undefined }),
    template: fc.oneof(fc.constant({}), anyLayer),
  })
  .map(({ role, site, own, startup, template }) => ({
    template,
    files: edited(smallFleet, {
      'desired-state/roles/leaf.yaml': `templates: [base.j2]\nconfiguration: ${JSON.stringify(role)}\n`,
      'desired-state/sites/ams1.yaml': `configuration: ${JSON.stringify(site)}\n`,
      [TEMPLATE]: JSON.stringify(template),
      [STARTUP]: startup && JSON.stringify(startup),
      [DEVICE]: device('10.0.0.1', own),
    }),
  }));
