import { isTree, type Leaf, type Tree } from '../../schemas/json.ts';
import type { Redactor } from '../nvue/redact.ts';
import { SECRET_KEY } from './facts.ts';

/** Remembers every secret of a configuration: FRR repeats lines it cannot read. */
export function learnSecrets(redactor: Redactor, node: Leaf | Tree | undefined): void {
  if (!isTree(node)) return;
  for (const [key, below] of Object.entries(node as Tree)) {
    if (key === SECRET_KEY && typeof below === 'string') redactor.learnText(below);
    else learnSecrets(redactor, below);
  }
}
