import { createHash } from 'node:crypto';
import type { ObjectId } from './repository.ts';

/** The id Git gives this content, without asking Git. */
export async function blobId(content: string | Uint8Array): Promise<ObjectId> {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  return createHash('sha1').update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex');
}
