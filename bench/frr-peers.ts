import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import type { RunningLab } from '../sandbox/lab/lab.ts';
import { runTree, type TreeTaken } from './process-tree.ts';

/** What is beside us: people with Ansible, with ssh and xargs, and FRR's own tool, on the same routers. */
export interface FrrPeers {
  /** What runs on all of them, by Ansible. */
  collectByAnsible(memory: boolean): Promise<TreeTaken>;
  /** The same by ssh and xargs, kept in a file each: the least it can cost. */
  collectBySsh(memory: boolean): Promise<TreeTaken>;
  /** Texts of frr.conf by router, made live and compared with what runs. */
  deployByAnsible(texts: ReadonlyMap<string, string>, memory: boolean): Promise<TreeTaken>;
  /** The same made live at the routers' consoles by `frr-reload.py` alone: the least a deploy can cost. @returns ms */
  reloadOnRouters(texts: ReadonlyMap<string, string>): Promise<number>;
  /** Like this they run and start. Not for measuring. */
  restore(texts: ReadonlyMap<string, string>): Promise<void>;
  /** The text each of them starts from. */
  savedTexts(): Promise<ReadonlyMap<string, string>>;
  /** Those whose running configuration does not hold this. */
  without(words: string): Promise<readonly string[]>;
}

const AT_ONCE = 50;
const ANSIBLE = join(import.meta.dirname, 'ansible');
const RELOAD = '/usr/lib/frr/frr-reload.py';
const TEXT = '/tmp/bench-frr.conf';
/** `--test` first, as who wants to know before doing it. */
const TEST_AND_RELOAD = `${RELOAD} --test --stdout ${TEXT} && ${RELOAD} --reload --stdout ${TEXT}`;

/** @param folder Theirs. */
export function createFrrPeers(lab: RunningLab, folder: string): FrrPeers {
  const sshConfig = join(lab.state.directory, 'ssh_config');
  const names = lab.nodes.map(({ name }) => name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'inventory'), `[routers]\n${names.join('\n')}\n`);
  writeFileSync(join(folder, 'names'), `${names.join('\n')}\n`);

  const limit = pLimit(AT_ONCE);
  const onEach = async (script: string, texts?: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, string>> => {
    const all = names.map((name) =>
      limit(async () => {
        const { exitCode, stdout, stderr } = await lab.run(name, ['sh', '-c', script], texts?.get(name));
        if (exitCode !== 0) throw new Error(`${name}: "${script}" ended with ${exitCode}: ${stdout}${stderr}`);
        return [name, stdout] as const;
      }),
    );
    return new Map(await Promise.all(all));
  };
  const ansible = (playbook: string, memory: boolean, ...words: readonly string[]): Promise<TreeTaken> => {
    // The key exchange and the keys are the lab's, as for ssh.
    const env = {
      ANSIBLE_CONFIG: join(ANSIBLE, 'ansible.cfg'),
      ANSIBLE_SSH_COMMON_ARGS: `-F ${sshConfig}`,
      LC_ALL: 'C.UTF-8',
    };
    const command = ['ansible-playbook', '-i', join(folder, 'inventory'), ...words, join(ANSIBLE, playbook)];
    return runTree(command, { cwd: folder, env, memory });
  };

  return {
    collectByAnsible: (memory) => ansible('collect.yml', memory),
    collectBySsh(memory) {
      const one = `ssh -F ${sshConfig} {} "sudo vtysh -c 'show running-config'" > {}.running`;
      const command = ['xargs', '-a', 'names', '-P', String(AT_ONCE), '-I', '{}', 'sh', '-c', one];
      return runTree(command, { cwd: folder, env: {}, memory });
    },
    deployByAnsible(texts, memory) {
      const configurations = join(folder, 'configurations');
      mkdirSync(configurations, { recursive: true });
      for (const [name, text] of texts) writeFileSync(join(configurations, name), text);
      return ansible('deploy.yml', memory, '-e', `configurations=${configurations}`);
    },
    async reloadOnRouters(texts) {
      await onEach(`cat > ${TEXT}`, texts);
      const start = performance.now();
      await onEach(TEST_AND_RELOAD);
      return performance.now() - start;
    },
    async restore(texts) {
      await onEach(`cat > /etc/frr/frr.conf; ${RELOAD} --reload --stdout /etc/frr/frr.conf`, texts);
    },
    savedTexts: () => onEach('cat /etc/frr/frr.conf'),
    async without(words) {
      const running = await onEach("vtysh -c 'show running-config'");
      return names.filter((name) => !running.get(name)?.includes(words));
    },
  };
}
