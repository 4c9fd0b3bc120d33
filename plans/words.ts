/** Small words every rendering of a plan shares. Times are UTC and absolute, so that a page only changes when its facts do. */

/** `p1:9f3c21ab`: enough of a digest for people to tell plans apart. Never compared by programs. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 11);
}

export function shortCommit(commit: string): string {
  return commit.slice(0, 7);
}

/** `3 devices`, `1 device`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;
}

/** @param at Milliseconds since the epoch. @returns `2026-11-20 10:12 UTC`. */
export function minuteOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** @returns `2026-11-20 10:12–10:13 UTC`, or one moment when both are in one minute. */
export function spanOf(from: number, to: number): string {
  const [start, end] = [minuteOf(from), minuteOf(to)];
  if (start === end) return start;
  const sameDay = start.slice(0, 10) === end.slice(0, 10);
  return `${start.slice(0, -4)}–${sameDay ? end.slice(11) : end}`;
}

/** `90 s`, `5 min`, `2 h`, `30 days`. */
export function durationOf(seconds: number): string {
  if (seconds > 0 && seconds % 86_400 === 0) return count(seconds / 86_400, 'day');
  if (seconds > 0 && seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

/** The first names and how many more there are. */
export function listNames(names: readonly string[], most: number, show: (name: string) => string): string {
  const shown = names.slice(0, most).map(show);
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more.toLocaleString('en-US')} more` : shown.join(', ');
}

/** A message about a device, to stand after its name: some begin with it, and once is enough. */
export function saidOf(device: string, message: string): string {
  return message.startsWith(`${device}: `) ? message.slice(device.length + 2) : message;
}
