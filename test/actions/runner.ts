/**
 * What GitHub's runner makes of the lines a step prints.
 *
 * Source: actions/runner, `ActionCommand.cs` (both spellings of a command: `::name k=v::data` at the start of a line, and
 * `##[name k=v]data` anywhere in one) and `ActionCommandManager.cs` (`stop-commands`).
 */
export interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

const KNOWN = [
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning',
];

/** What the runner would do, and what people would read of the rest. */
export function obey(output: string): { readonly commands: readonly Command[]; readonly log: readonly string[] } {
  const commands: Command[] = [];
  const log: string[] = [];
  let stoppedUntil: string | undefined;
  for (const line of output.split(/\r\n|\n|\r/)) {
    const command = readCommand(line, stoppedUntil);
    if (command === undefined || (stoppedUntil !== undefined && command.name !== stoppedUntil)) {
      log.push(line);
    } else if (command.name === stoppedUntil) {
      stoppedUntil = undefined;
    } else if (command.name === 'stop-commands') {
      stoppedUntil = command.data;
    } else {
      commands.push(command);
    }
  }
  return { commands, log };
}

function readCommand(line: string, token: string | undefined): Command | undefined {
  const found =
    /^\s*::(?<name>[^\s:]+)(?<rest> [^:]*)?::(?<data>.*)$/.exec(line) ??
    /##\[(?<name>[^\s\]]+)(?<rest> [^\]]*)?\](?<data>.*)$/.exec(line);
  const { name = '', rest = '', data = '' } = found?.groups ?? {};
  if (!KNOWN.includes(name.toLowerCase()) && name !== token) return undefined;
  const properties = rest
    .trim()
    .split(/[,;]/)
    .flatMap((pair) => {
      const at = pair.indexOf('=');
      return at === -1 ? [] : [[pair.slice(0, at), unescaped(pair.slice(at + 1))] as const];
    });
  return { name, properties: Object.fromEntries(properties), data: unescaped(data) };
}

function unescaped(text: string): string {
  return text
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%25', '%');
}

/** What a step wrote to GITHUB_OUTPUT. Source: GitHub Docs, "Workflow commands", "Multiline strings". */
export function readOutputs(text: string): Readonly<Record<string, string>> {
  const outputs: Record<string, string> = {};
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line === '') continue;
    const [name = '', delimiter] = line.split('<<');
    if (delimiter === undefined) {
      const [key = '', ...value] = line.split('=');
      outputs[key] = value.join('=');
      continue;
    }
    const end = lines.indexOf(delimiter, at + 1);
    if (end === -1) throw new Error(`output ${name} does not end`);
    outputs[name] = lines.slice(at + 1, end).join('\n');
    at = end;
  }
  return outputs;
}
