/** How releases from 5.10 on keep secrets: not as they were set. Pure. Source: device-protocols reference A.14. */
import { createHmac } from 'node:crypto';
import { isTree, type Leaf, type Tree } from '../../schemas/json.ts';
import { at } from './tree.ts';

const SECRET_LEAVES = new Set([
  ...['password', 'secret', 'auth-password', 'priv-password', 'shared-secret', 'passphrase', 'bind-password'],
]);

/** Maps whose keys are secrets: an SNMP community is one. */
const SECRET_KEYED = new Set(['readonly-community', 'readonly-community-v6']);

/** Every secret replaced by `$nvsec$<hex>`, the same one each time on the same switch; what already is one stays. */
export function encryptSecrets(tree: Tree, serial: string): Tree {
  const encrypt = (secret: string): string =>
    secret.startsWith('$nvsec$') ? secret : `$nvsec$${createHmac('sha256', serial).update(secret).digest('hex')}`;

  const walk = (node: Tree, keyed: boolean): Tree => {
    if (!holdsSecret(node, keyed)) return node;
    const result: Record<string, Leaf | Tree> = {};
    for (const [key, value] of Object.entries(node)) {
      if (isTree(value)) result[keyed ? encrypt(key) : key] = walk(value, SECRET_KEYED.has(key));
      else result[key] = SECRET_LEAVES.has(key) && typeof value === 'string' ? encrypt(value) : value;
    }
    return result;
  };
  return walk(tree, false);
}

function holdsSecret(node: Tree, keyed: boolean): boolean {
  return Object.entries(node).some(([key, value]) =>
    isTree(value) ? keyed || holdsSecret(value, SECRET_KEYED.has(key)) : SECRET_LEAVES.has(key),
  );
}

/** True unless the configuration turned the encryption off. */
export function encryptionIsOn(tree: Tree): boolean {
  return at(tree, ['system', 'security', 'encryption', 'db', 'state']) !== 'disabled';
}
