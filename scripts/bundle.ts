/** `npm run bundle`: dist/, which a release takes along and main does not have. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { bundleAction } from './bundle-action.ts';

const root = join(import.meta.dirname, '..');
const entry = await bundleAction(root, process.argv[2] ?? join(root, 'dist'));
const digest = createHash('sha256').update(readFileSync(entry)).digest('hex');
console.log(`${relative(root, entry)} sha256:${digest}`);
