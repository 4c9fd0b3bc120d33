import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ENGINEER } from './accounts.ts';
import { LabCommandFailedError } from './errors.ts';
import type { LabNode } from './lab-state.ts';
import { runProcess } from './run-process.ts';

/**
 * Makes an ed25519 key pair.
 *
 * @param file Of the private key; the public one is beside it, with `.pub`.
 * @returns The public key, one line, without its comment.
 */
export async function makeKeyPair(file: string, signal: AbortSignal): Promise<string> {
  const args = ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file];
  const { exitCode, stderr } = await runProcess('ssh-keygen', args, { signal });
  if (exitCode !== 0)
    throw new LabCommandFailedError({ doing: `Making the key ${file}`, exitCode, said: stderr.trim() });
  return (await readFile(`${file}.pub`, 'utf8')).trim();
}

/** @returns `sha256:<64 hex>` of the key's blob. */
export function fingerprintOf(publicKey: string): string {
  const blob = Buffer.from(publicKey.split(' ')[1] ?? '', 'base64');
  return `sha256:${createHash('sha256').update(blob).digest('hex')}`;
}

/** For `ssh -F`: logs in as the second operator, and knows every node by its own key. */
export function renderSshConfig(directory: string, nodes: readonly LabNode[]): string {
  const hosts = nodes.map(({ name, address }) => `Host ${name}\n  HostName ${address}\n`);
  return `${hosts.join('')}Host *
  User ${ENGINEER.name}
  IdentityFile ${engineerKey(directory)}
  IdentitiesOnly yes
  UserKnownHostsFile ${join(directory, 'known_hosts')}
  StrictHostKeyChecking yes
  # The default of OpenSSH costs many times the CPU, which a whole fleet at once makes felt.
  KexAlgorithms curve25519-sha256
`;
}

/** @param keys Public host keys, in the order of the nodes. */
export function renderKnownHosts(nodes: readonly { readonly address: string }[], keys: readonly string[]): string {
  return nodes.map(({ address }, index) => `${address} ${keys[index]}\n`).join('');
}

export function pointsmanKey(directory: string): string {
  return join(directory, 'pointsman_key');
}

export function engineerKey(directory: string): string {
  return join(directory, 'engineer_key');
}
