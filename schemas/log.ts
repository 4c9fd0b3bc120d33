/**
 * The part of a pino logger we use. `cli/` makes the real one and hands it down, so no other room knows pino.
 * Messages are constant text, lower case, past tense; values go into flat fields.
 */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Log;
}
