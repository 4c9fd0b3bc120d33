import { chmodSync, chownSync, existsSync, mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A file of a node's disk. */
export interface ImageFile {
  readonly content: string | Uint8Array;
  /** For instance `0o644`. */
  readonly mode: number;
  /** root unless given. */
  readonly owner?: Owner;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** A folder whose rights matter. Others are as they are on the machine, or root's and 0755. */
export interface ImageFolder {
  readonly mode: number;
  readonly owner?: Owner;
}

/**
 * Writes files into a layer of a node's disk. Where the machine has a link (`/lib`, `/sbin`), the file goes to where it
 * leads: a folder of the same name would hide all that is there.
 *
 * @param layer The folder that becomes the layer.
 */
export function writeLayer(
  layer: string,
  folders: Readonly<Record<string, ImageFolder>>,
  files: Iterable<readonly [path: string, file: ImageFile]>,
): void {
  for (const [path, { mode, owner }] of Object.entries(folders)) {
    const place = join(layer, behindLinks(path));
    makeFolders(layer, behindLinks(path));
    chmodSync(place, mode);
    if (owner) chownSync(place, owner.uid, owner.gid);
  }
  for (const [path, { content, mode, owner }] of files) {
    const behind = behindLinks(path);
    makeFolders(layer, dirname(behind));
    const place = join(layer, behind);
    writeFileSync(place, content);
    chmodSync(place, mode);
    if (owner) chownSync(place, owner.uid, owner.gid);
  }
}

function behindLinks(path: string): string {
  const parent = dirname(path);
  if (parent === path) return path;
  return join(existsSync(parent) ? realpathSync(parent) : behindLinks(parent), basename(path));
}

function makeFolders(layer: string, path: string): void {
  const place = join(layer, path);
  if (existsSync(place)) return;
  makeFolders(layer, dirname(path));
  mkdirSync(place);
  if (!existsSync(path)) return;
  const { mode, uid, gid } = statSync(path);
  chmodSync(place, mode & 0o7777);
  chownSync(place, uid, gid);
}
