import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';

/**
 * Cannot be inlined: its engine is WebAssembly read from beside it, and it is loaded anew after a template that ran away
 * (desired-state/template-engine.ts). It goes along as it is, where `require` finds it from the bundle.
 */
const TAKEN_ALONG = [
  {
    name: 'minijinja-js',
    files: ['package.json', 'dist/node/package.json', 'dist/node/minijinja_js.js', 'dist/node/minijinja_js_bg.wasm'],
  },
] as const;

/**
 * The action as one file that needs nothing installed, what cannot be inlined beside it, and the licences of everything in
 * it. Same sources, same bytes: what a release holds can be built again and compared.
 *
 * @param root The folder of this repository, with its packages installed.
 * @param folder Emptied and written.
 * @returns The path of the entry.
 */
export async function bundleAction(root: string, folder: string): Promise<string> {
  rmSync(folder, { recursive: true, force: true });
  const bundle = await rolldown({
    input: join(root, 'cli', 'action.ts'),
    cwd: root,
    platform: 'node',
    // Compiled parts of ssh2 are for one machine, and it does without where they are not found.
    external: [/\.node$/, 'cpu-features'],
    // ssh2 names a program for Windows beside itself, which the action never starts.
    transform: { define: { __dirname: 'import.meta.dirname' } },
    // A warning here is something that would be missing at run time.
    onLog: (_level, log) => {
      throw new Error(log.message);
    },
  });
  try {
    const { output } = await bundle.write({
      dir: folder,
      format: 'esm',
      codeSplitting: false,
      entryFileNames: 'pointsman-action.mjs',
    });
    const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
    for (const { name, files } of TAKEN_ALONG) {
      for (const file of files) copy(join(root, 'node_modules', name, file), join(folder, 'node_modules', name, file));
    }
    const packages = [...new Set([...modules.flatMap(packageOf), ...TAKEN_ALONG.map(({ name }) => name)])].sort();
    writeFileSync(join(folder, 'LICENSES.txt'), packages.map((name) => licenceOf(root, name)).join('\n'));
  } finally {
    await bundle.close();
  }
  return join(folder, 'pointsman-action.mjs');
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}

/** The innermost package a module belongs to, as a path below `node_modules/`. */
function packageOf(module: string): readonly string[] {
  const [, ...after] = module.split('/node_modules/');
  if (after.length === 0) return [];
  const last = after.pop() ?? '';
  const name = last
    .split('/')
    .slice(0, last.startsWith('@') ? 2 : 1)
    .join('/');
  return [[...after, name].join('/node_modules/')];
}

const LICENCE_FILES = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'license', 'license.md', 'License'];

function licenceOf(root: string, name: string): string {
  const folder = join(root, 'node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly version: string;
    readonly license?: string;
  };
  const text = LICENCE_FILES.map((file) => readOrNothing(join(folder, file))).find((found) => found !== undefined);
  return `${name} ${version} (${license ?? 'see below'})\n\n${text ?? 'The package brings no text of its licence.\n'}\n`;
}

function readOrNothing(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
