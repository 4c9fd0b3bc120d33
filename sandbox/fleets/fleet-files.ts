import { isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { FleetTextNotFoundError } from './errors.ts';

/** A fleet repo as text, by path. */
export type FleetFiles = ReadonlyMap<string, string>;

/** What a pull request does to a fleet repo: new text by path, `null` where the file goes away. */
export type FleetEdit = ReadonlyMap<string, string | null>;

/** Where a switch of a running sandbox answers. */
export interface Endpoint {
  /** `127.0.0.1:40123` */
  readonly address: string;
  /** `sha256:<64 hex>` of the certificate it shows. */
  readonly pin: string;
}

/** How deploys of a sandbox are paced; what is left out stays as the fleet has it. */
export interface RolloutPace {
  readonly devicesAtOnce?: number;
  readonly confirmWithinSeconds?: number;
  readonly pollMilliseconds?: number;
  readonly batchSize?: number;
}

const SETTINGS_FILE = 'pointsman.yaml';

/** The files with an edit made. */
export function applyEdit(files: FleetFiles, edit: FleetEdit): FleetFiles {
  const result = new Map(files);
  for (const [path, text] of edit) {
    if (text === null) result.delete(path);
    else result.set(path, text);
  }
  return result;
}

/**
 * Points device files at the switches of a running sandbox: `address:`, and `tls.pins` with that one pin. Everything else,
 * comments included, stays as it is written.
 *
 * @param endpoints By device name; devices not named keep what they have.
 * @throws {FleetTextNotFoundError} A named device has no file, or its file no address.
 */
export function withEndpoints(files: FleetFiles, endpoints: ReadonlyMap<string, Endpoint>): FleetFiles {
  const result = new Map(files);
  const paths = devicePaths(files);
  for (const [name, { address, pin }] of endpoints) {
    const path = paths.get(name) ?? `${name}.yaml`;
    const text = textOf(files, path);
    result.set(path, setPin(path, setText(path, text, ['address'], address), pin));
  }
  return result;
}

/**
 * Sets the pace of deploys in pointsman.yaml.
 *
 * @throws {FleetTextNotFoundError} The settings have no such rollout field, and no `rollout:` to add it to.
 */
export function withRollout(files: FleetFiles, pace: RolloutPace): FleetFiles {
  const fields = {
    devices_at_once: pace.devicesAtOnce,
    confirm_within_seconds: pace.confirmWithinSeconds,
    poll_milliseconds: pace.pollMilliseconds,
    batch_size: pace.batchSize,
  };
  let text = textOf(files, SETTINGS_FILE);
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    text = nodeAt(text, ['rollout', field])
      ? setText(SETTINGS_FILE, text, ['rollout', field], String(value))
      : replaceOnce(SETTINGS_FILE, text, /^rollout:\n/m, `rollout:\n  ${field}: ${value}\n`);
  }
  return new Map(files).set(SETTINGS_FILE, text);
}

/** Device files by device name. */
export function devicePaths(files: FleetFiles): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const path of files.keys()) {
    const name = /^desired-state\/devices\/[^/]+\/([^/]+)\.yaml$/.exec(path)?.[1];
    if (name !== undefined && !name.endsWith('.startup')) paths.set(name, path);
  }
  return paths;
}

/** @throws {FleetTextNotFoundError} There is no such file. */
export function textOf(files: FleetFiles, path: string): string {
  const text = files.get(path);
  if (text === undefined) throw new FleetTextNotFoundError({ file: path, text: '', found: 0 });
  return text;
}

/**
 * Replaces text that must occur exactly once, so that an edit written for another version of a file is noticed.
 *
 * @throws {FleetTextNotFoundError} It occurs never, or more than once.
 */
export function replaceOnce(file: string, text: string, what: string | RegExp, by: string): string {
  const found = typeof what === 'string' ? text.split(what).length - 1 : [...text.matchAll(globally(what))].length;
  if (found !== 1) throw new FleetTextNotFoundError({ file, text: String(what), found });
  return text.replace(what, () => by);
}

function globally(pattern: RegExp): RegExp {
  return new RegExp(pattern.source, [...new Set([...pattern.flags, 'g'])].join(''));
}

function nodeAt(text: string, path: readonly string[]): Node | undefined {
  const node = parseDocument(text).getIn(path, true);
  return isScalar(node) || isSeq(node) || isMap(node) ? node : undefined;
}

function setText(file: string, text: string, path: readonly string[], value: string): string {
  const range = nodeAt(text, path)?.range;
  if (!range) throw new FleetTextNotFoundError({ file, text: path.join('.'), found: 0 });
  return text.slice(0, range[0]) + value + text.slice(range[1]);
}

function setPin(file: string, text: string, pin: string): string {
  const pins = nodeAt(text, ['tls', 'pins']);
  if (isSeq(pins) && pins.range) {
    // A block list's own range runs on into the next line; its last item's does not.
    const last = pins.items.at(-1);
    const end = !pins.flow && isScalar(last) && last.range ? last.range[1] : pins.range[1];
    return text.slice(0, pins.range[0]) + (pins.flow ? `[${pin}]` : `- ${pin}`) + text.slice(end);
  }
  if (nodeAt(text, ['tls'])) return replaceOnce(file, text, /^tls:\n/m, `tls:\n  pins: [${pin}]\n`);
  return `${text.trimEnd()}\ntls:\n  pins: [${pin}]\n`;
}
