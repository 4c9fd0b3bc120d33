/**
 * Turns js-yaml's parser events into plain values, or into faults with offsets. js-yaml only splits the text; what a
 * scalar means, which keys and aliases are allowed and where things stand is decided here, so that it is the same
 * reading `yaml` gives (a differential test holds the two together) at a tenth of the cost.
 */
import {
  type AliasEvent,
  EVENT_ID,
  type Event,
  getScalarValue,
  type MappingEvent,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  type SequenceEvent,
} from 'js-yaml';
import type { Json } from './json.ts';
import { readPlainScalar } from './yaml-scalar.ts';

export const YAML_LIMITS = {
  bytes: 1024 * 1024,
  /** Maps and lists inside each other. */
  depth: 64,
  aliases: 100,
  /** Nodes after aliases are followed: what a reader of the value may walk over. */
  nodes: 200_000,
} as const;

/** What the reader refuses, with the offset of the offending node. */
export interface YamlFault {
  readonly code: string;
  readonly offset: number;
  readonly message: string;
  readonly hint?: string;
}

/** Where a node stands. Offsets are UTF-16 code units. */
export interface YamlPlace {
  /** Of the value; of the key when the value was left out. */
  readonly value: number;
  /** Of the key, for a member of a map. */
  readonly key?: number;
  readonly members?: ReadonlyMap<string, YamlPlace>;
}

export interface YamlReading {
  readonly value: Json;
  readonly faults: readonly YamlFault[];
  /** Absent unless asked for: recording it costs as much as reading. */
  readonly place?: YamlPlace;
}

/**
 * @param text Without a byte order mark.
 * @throws {YAMLException} js-yaml's own, when the text is not YAML.
 */
export function readYaml(text: string, options: { readonly places: boolean }): YamlReading {
  // js-yaml counts the document as a level of its own.
  const events = parseEvents(text, { maxDepth: YAML_LIMITS.depth + 1 });
  return createReader(text, events, options.places).read();
}

interface Anchor {
  readonly value: Json;
  readonly nodes: number;
}

function createReader(text: string, events: readonly Event[], places: boolean) {
  const faults: YamlFault[] = [];
  const anchors = new Map<string, Anchor | 'open'>();
  let at = 0;
  let nodes = 0;
  let aliases = 0;
  let place: YamlPlace = { value: 0 };

  function refuse(code: string, offset: number, message: string, hint?: string): null {
    faults.push({ code, offset: Math.max(offset, 0), message, ...(hint === undefined ? {} : { hint }) });
    return null;
  }

  function read(): YamlReading {
    const first = events[at++];
    if (first === undefined) return { value: null, faults, place };
    if (first.type === EVENT_ID.DOCUMENT && first.directives.length > 0) {
      refuse('SCHEMAS_YAML_DIRECTIVE', 0, 'YAML directives (%YAML, %TAG) are not supported');
    }
    const value = node(0);
    at += 1; // The document's own end.
    if (at < events.length) {
      refuse('SCHEMAS_YAML_DOCUMENTS', secondDocument(), 'expected one YAML document, found another after it');
    }
    return { value, faults, place };
  }

  function node(fallback: number): Json {
    const event = events[at++];
    nodes += 1;
    if (nodes > YAML_LIMITS.nodes) return overrun(fallback);
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return anchored(event, () => scalar(event, fallback));
      case EVENT_ID.MAPPING:
        return anchored(event, () => mapping(event));
      case EVENT_ID.SEQUENCE:
        return anchored(event, () => sequence(event));
      case EVENT_ID.ALIAS:
        return alias(event);
      default:
        throw new Error(`js-yaml gave an unexpected event ${JSON.stringify(event)}`);
    }
  }

  function overrun(offset: number): null {
    if (at < events.length) refuse('SCHEMAS_YAML_TOO_LARGE', offset, `holds more than ${YAML_LIMITS.nodes} values`);
    at = events.length;
    return null;
  }

  function anchored(event: ScalarEvent | MappingEvent | SequenceEvent, build: () => Json): Json {
    if (event.tagStart >= 0) {
      refuse('SCHEMAS_YAML_TAG', event.tagStart, 'YAML tags are not supported', 'quote the value to make it text');
    }
    if (event.anchorStart < 0) return build();
    const name = text.slice(event.anchorStart, event.anchorEnd);
    const before = nodes;
    anchors.set(name, 'open');
    const value = build();
    anchors.set(name, { value, nodes: nodes - before + 1 });
    return value;
  }

  function alias(event: AliasEvent): Json {
    const offset = event.anchorStart - 1;
    const name = text.slice(event.anchorStart, event.anchorEnd);
    place = { value: offset };
    aliases += 1;
    if (aliases === YAML_LIMITS.aliases + 1) {
      refuse('SCHEMAS_YAML_ALIASES', offset, `holds more than ${YAML_LIMITS.aliases} aliases`);
    }
    const anchor = anchors.get(name);
    if (anchor === undefined)
      return refuse('SCHEMAS_YAML_ALIAS', offset, `no anchor &${name} stands before this alias`);
    if (anchor === 'open') return refuse('SCHEMAS_YAML_ALIAS', offset, `&${name} would contain itself`);
    nodes += anchor.nodes;
    return nodes > YAML_LIMITS.nodes ? overrun(offset) : anchor.value;
  }

  function scalar(event: ScalarEvent, fallback: number): null | boolean | number | string {
    const offset = startOf(event, fallback);
    place = { value: offset };
    if (event.style !== SCALAR_STYLE.PLAIN) return getScalarValue(text, event);
    const source = event.valueStart < 0 ? '' : getScalarValue(text, event);
    const value = readPlainScalar(source);
    if (typeof value !== 'number') return value;
    if (!Number.isFinite(value)) {
      return refuse('SCHEMAS_YAML_NUMBER', offset, 'infinity and not-a-number are not supported', 'quote it');
    }
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      return refuse('SCHEMAS_YAML_NUMBER', offset, 'this number is too large to be kept exactly', 'quote it');
    }
    return value;
  }

  function sequence(event: SequenceEvent): Json {
    const items: Json[] = [];
    const members = places ? new Map<string, YamlPlace>() : undefined;
    while (at < events.length && events[at]?.type !== EVENT_ID.POP) {
      items.push(node(event.start));
      members?.set(String(items.length - 1), place);
    }
    at += 1;
    place = { value: event.start, ...(members ? { members } : {}) };
    return items;
  }

  function mapping(event: MappingEvent): Json {
    const map: Record<string, Json> = {};
    const members = places ? new Map<string, YamlPlace>() : undefined;
    while (at < events.length && events[at]?.type !== EVENT_ID.POP) {
      const { key, offset } = keyOf(map, event.start);
      const value = node(offset);
      if (key === undefined) continue;
      map[key] = value;
      members?.set(key, { ...place, key: offset });
    }
    at += 1;
    place = { value: event.start, ...(members ? { members } : {}) };
    return map;
  }

  /** Reads one key. `undefined` for a key that is refused; its value still has to be read. */
  function keyOf(map: object, fallback: number): { readonly key?: string; readonly offset: number } {
    const event = events[at];
    if (event?.type !== EVENT_ID.SCALAR) {
      const offset =
        event && 'start' in event ? event.start : event?.type === EVENT_ID.ALIAS ? event.anchorStart : fallback;
      node(offset);
      refuse('SCHEMAS_YAML_KEY', offset, 'expected a key that is text, found a map, a list or an alias');
      return { offset };
    }
    node(fallback);
    const offset = startOf(event, fallback);
    const source = event.valueStart < 0 ? '' : getScalarValue(text, event);
    const refused = event.style === SCALAR_STYLE.PLAIN ? refusalOfPlainKey(source) : undefined;
    if (refused) {
      refuse('SCHEMAS_YAML_KEY', offset, refused.message, refused.hint);
      return { offset };
    }
    if (source === '__proto__') {
      refuse('SCHEMAS_YAML_KEY', offset, '"__proto__" cannot be a key');
      return { offset };
    }
    if (Object.hasOwn(map, source)) {
      refuse('SCHEMAS_YAML_DUPLICATE_KEY', offset, 'this key stands twice in this map');
      return { offset };
    }
    return { key: source, offset };
  }

  function secondDocument(): number {
    const event = events.slice(at + 1).find((next) => 'start' in next || 'valueStart' in next);
    if (event && 'start' in event) return event.start;
    return event && 'valueStart' in event ? startOf(event, text.length) : text.length;
  }

  return { read };
}

/** What reads the same as a number and as text. */
const PLAIN_INTEGER_KEY = /^(?:0|-?[1-9][0-9]{0,14})$/;

/** NVUE's `10:` is the text "10"; every other key that YAML would not read as text is a trap and has to be quoted. */
function refusalOfPlainKey(source: string): { readonly message: string; readonly hint: string } | undefined {
  if (source === '<<') return { message: 'merge keys (<<) are not supported', hint: 'write the values out' };
  if (typeof readPlainScalar(source) === 'string' || PLAIN_INTEGER_KEY.test(source)) return undefined;
  if (source === '') return { message: 'a key is missing before the colon', hint: 'write the key' };
  return { message: `the key ${source} is not text`, hint: `quote it: "${source}"` };
}

/** A quoted scalar starts at its quote; a value that was left out stands where its key does. */
function startOf(event: ScalarEvent, fallback: number): number {
  if (event.valueStart < 0) return fallback;
  const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
  return quoted ? event.valueStart - 1 : event.valueStart;
}
