import { ForgeRequestInvalidError } from './errors.ts';

/** GitHub counts characters; we count UTF-16 units, which are never fewer. */
const LONGEST_BODY = 65_536;

/** True when the first line carries the marker. */
export function isMarked(body: string, marker: string): boolean {
  return (body.split(/\r?\n/, 1)[0] ?? '').includes(marker);
}

/** @throws {ForgeRequestInvalidError} GitHub would refuse the body, or we would not find it again. */
export function refuseUnfitBody(marker: string, body: string): void {
  const refuse = (expected: string, found: string): never => {
    throw new ForgeRequestInvalidError({ what: 'the body', expected, found });
  };
  if (marker === '' || !isMarked(body, marker)) refuse(`marked ${marker} in its first line`, 'no marker');
  if (body.length > LONGEST_BODY) refuse(`at most ${LONGEST_BODY} characters`, `${body.length}`);
  if (!body.isWellFormed()) refuse('Unicode text', 'half of a surrogate pair');
}
