import type { Tree, TreePath } from './json.ts';

/** A text read into lines below the name of the file they belong to on the switch. */
export type ParsedText =
  | {
      readonly kind: 'parsed';
      /**
       * `{ '/etc/frr/frr.conf': { 'router bgp 65001': { 'bgp router-id 10.0.0.1': {} } } }`: a line is a key, what stands
       * below it are the lines of its section, and one without any holds an empty map. In the order of the text.
       */
      readonly tree: Tree;
      /** 1-based, of the line that a path of `tree` was read from. */
      lineOf(path: TreePath): number | undefined;
    }
  | { readonly kind: 'refused'; readonly faults: readonly TextFault[] };

/** What is wrong with a line. */
export interface TextFault {
  /** 1-based. */
  readonly line: number;
  readonly message: string;
}

/** How a platform's configuration is written as text. */
export interface TextForm {
  /**
   * @param file A file on the switch, `/etc/frr/frr.conf`, or a template of the fleet repo, `frr/leaf.frr.conf.j2`, whose
   *   name says which one it gives. A secret stands where one may stand as a whole word, at the end of its line; it is
   *   then a leaf below the line: `{ 'neighbor swp51 password': { '<secret>': 'secret:site/bgp' } }`.
   */
  parse(file: string, text: string): ParsedText;
}

/** True for a path below a file of lines. No tree of any other kind has keys that begin so. */
export function isTextPath(path: TreePath): boolean {
  return path[0]?.startsWith('/') === true;
}
