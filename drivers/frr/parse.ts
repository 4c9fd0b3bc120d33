import type { Tree, TreePath } from '../../schemas/json.ts';
import type { ParsedText } from '../../schemas/text-form.ts';
import { FILES, INTERFACES_LINES, INTERFACES_NAME, LONGEST_LINE, PREAMBLE, type Sections } from './facts.ts';
import { nodeOf, openedBy, placeLine, sectionsOf } from './lines.ts';

/** Which file on the switch a template, or that file itself, gives. */
function fileOf(name: string): string {
  return INTERFACES_NAME.test(name) ? FILES.interfaces : FILES.frr;
}

type Working = Map<string, Working | string>;
type Fault = { readonly line: number; readonly message: string };

/** {@link TextForm.parse}. Nothing is guessed: a text with a fault in it gives no tree. */
export function parseText(name: string, text: string): ParsedText {
  const file = fileOf(name);
  const faults: Fault[] = [];
  const root: Working = new Map();
  const lines = new Map<string, number>();
  const place = file === FILES.interfaces ? createInterfacesReader() : createFrrReader();

  for (const { line, at } of physicalLines(file, text, faults)) {
    const read = place(line);
    if (read.kind === 'nothing') continue;
    if (read.kind === 'fault') {
      faults.push({ line: at, message: read.message });
      continue;
    }
    const placed = placeLine(read.line);
    const misplaced = faultOfSecret(placed.key);
    if (misplaced !== undefined) faults.push({ line: at, message: misplaced });
    const path = [...read.sections, placed.key];
    put(root, path, placed.secret);
    const known = keyOf([file, ...path]);
    if (!lines.has(known)) lines.set(known, at);
    if (placed.secret !== undefined) lines.set(keyOf([file, ...path, ...Object.keys(nodeOf(placed))]), at);
  }
  if (faults.length > 0) return { kind: 'refused', faults };
  return {
    kind: 'parsed',
    tree: { [file]: freeze(root) },
    lineOf: (path: TreePath) => lines.get(keyOf(path)),
  };
}

/** What a reader makes of a line: nothing, a line below its sections, or why it cannot. */
type Read =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'line'; readonly sections: readonly string[]; readonly line: string }
  | { readonly kind: 'fault'; readonly message: string };

const NOTHING: Read = { kind: 'nothing' };

/**
 * Sections are told by FRR's own words. Indentation only says whether a line still belongs to the open one, and only where
 * neither `exit` nor another section does.
 */
function createFrrReader(): (line: string) => Read {
  const all = sectionsOf(FILES.frr);
  let open: { readonly line: string; readonly inner: Sections }[] = [];
  /** A `!` at the margin was seen, or lines of the section were indented: one at the margin is outside. */
  let marginCloses = false;

  const enter = (line: string, inner: Sections): Read => {
    const sections = open.map((section) => section.line);
    open.push({ line, inner });
    return { kind: 'line', sections, line };
  };

  return (raw) => {
    const line = words(raw);
    const indented = /^\s/.test(raw);
    if (line === '' || line.startsWith('#') || PREAMBLE.test(line)) return NOTHING;
    if (line.startsWith('!')) {
      if (!indented && open.length > 0) marginCloses = true;
      return NOTHING;
    }
    if (line === 'end') {
      open = [];
      return NOTHING;
    }
    if (/^exit(?:-(?!policy\b)\S+)?$/.test(line)) {
      open.pop();
      return NOTHING;
    }
    for (let depth = open.length; depth > 0; depth -= 1) {
      const inner = openedBy(line, open[depth - 1]?.inner ?? {});
      if (inner === undefined) continue;
      open = open.slice(0, depth);
      return enter(line, inner);
    }
    const inner = !indented || open.length === 0 ? openedBy(line, all) : undefined;
    if (inner !== undefined) {
      open = [];
      marginCloses = false;
      return enter(line, inner);
    }
    if (!indented && marginCloses) open = [];
    if (indented && open.length === 0) {
      return { kind: 'fault', message: `"${shown(line)}" is indented, and no section is open that it could belong to` };
    }
    if (indented) marginCloses = true;
    return { kind: 'line', sections: open.map((section) => section.line), line };
  };
}

function createInterfacesReader(): (line: string) => Read {
  const all = sectionsOf(FILES.interfaces);
  let section: string | undefined;
  return (raw) => {
    const line = words(raw);
    if (line === '' || line.startsWith('#')) return NOTHING;
    if (openedBy(line, all)) {
      section = line;
      return { kind: 'line', sections: [], line };
    }
    if (INTERFACES_LINES.test(line)) {
      section = undefined;
      return { kind: 'line', sections: [], line };
    }
    if (section !== undefined) return { kind: 'line', sections: [section], line };
    return { kind: 'fault', message: `"${shown(line)}" stands outside of any iface` };
  };
}

/** Control characters but tab and line feed; also those that other programs take for line ends. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff]/;

/** Lines with their numbers; in interfaces files a backslash at the end goes on with the next. */
function physicalLines(file: string, text: string, faults: Fault[]): readonly { line: string; at: number }[] {
  const found: { line: string; at: number }[] = [];
  let goesOn: { line: string; at: number } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const at = index + 1;
    const fault = faultOfText(line);
    if (fault !== undefined) {
      faults.push({ line: at, message: fault });
      if (line.endsWith('\r')) break;
      continue;
    }
    const whole: { line: string; at: number } = goesOn
      ? { line: `${goesOn.line} ${line}`, at: goesOn.at }
      : { line, at };
    goesOn = undefined;
    if (file === FILES.interfaces && line.endsWith('\\')) goesOn = { ...whole, line: whole.line.slice(0, -1) };
    else found.push(whole);
  }
  if (goesOn) faults.push({ line: goesOn.at, message: 'the last line ends in a backslash' });
  return found;
}

function faultOfText(line: string): string | undefined {
  if (line.endsWith('\r')) return 'the line ends in CR LF: save the file with Unix line ends';
  if (CONTROL.test(line)) return 'the line holds a control character';
  if (Buffer.byteLength(line) > LONGEST_LINE) return `the line is longer than ${LONGEST_LINE} bytes`;
  // A map keeps the order of its keys unless they are whole numbers; no command is only a number.
  if (/^\s*\d+\s*$/.test(line)) return 'a number alone is no line of a configuration';
  return undefined;
}

/** What `secret()` gives in a template stands between these. */
const SECRET_MARKS = /[\ue0f0\ue0f1]/;

function faultOfSecret(key: string): string | undefined {
  if (!SECRET_MARKS.test(key)) return undefined;
  const before = key.slice(0, key.search(SECRET_MARKS)).trim();
  return `a secret cannot stand after "${shown(before)}": only in lines that FRR knows to hold one, as a whole word`;
}

function words(line: string): string {
  return line.trim().replace(/\s+/g, ' ');
}

function shown(line: string): string {
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}

function keyOf(path: TreePath): string {
  return path.join('\n');
}

function put(root: Working, path: readonly string[], secret: string | undefined): void {
  let node = root;
  for (const key of path) {
    const below = node.get(key);
    const next: Working = below instanceof Map ? below : new Map();
    if (next !== below) node.set(key, next);
    node = next;
  }
  if (secret !== undefined)
    for (const [key, value] of Object.entries(nodeOf({ key: '', secret }))) node.set(key, value as string);
}

function freeze(node: Working): Tree {
  return Object.fromEntries([...node].map(([key, below]) => [key, below instanceof Map ? freeze(below) : below]));
}
