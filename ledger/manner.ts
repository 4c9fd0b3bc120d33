/** How names and foreign text stand in a sentence: on a page in Markdown, in a terminal as they are. */
export interface Manner {
  /** A name, a hash or a command. */
  code(text: string): string;
  /** Text that may hold anything. */
  plain(text: string): string;
  /** What a line is about. @param text What `plain` made. */
  strong(text: string): string;
}
