import { LabCommandFailedError, LabRefusal } from './errors.ts';
import type { Cable } from './fabric.ts';
import type { Hub } from './hub.ts';
import type { LabState } from './lab-state.ts';
import { batch, watchFrom } from './power.ts';
import type { ProcessResult } from './run-process.ts';

/** What goes wrong in a network. All of it outside of the nodes, so that no configuration of theirs can mend it. */
export interface LabFaults {
  /** Pulls all cables between two nodes: both ports stay up and lose the carrier. */
  cut(a: string, b: string): Promise<void>;
  /** Plugs them in again. */
  join(a: string, b: string): Promise<void>;
  /** No frame reaches or leaves the node's management port, and nothing is told about it. Outlasts a reboot. */
  blackhole(name: string): Promise<void>;
  /** Ends a blackhole. */
  heal(name: string): Promise<void>;
  /** Kills a daemon of a node (`bgpd`, `sshd`…) with SIGKILL. What its supervisor then does is the node's business. */
  kill(name: string, daemon: string): Promise<void>;
  /** What is cut and who is in a blackhole now. */
  active(): Promise<ActiveFaults>;
}

export interface ActiveFaults {
  readonly cut: readonly Cable[];
  /** Names of nodes. */
  readonly dark: readonly string[];
}

type Run = (name: string, argv: readonly string[]) => Promise<ProcessResult>;

export function createLabFaults(hub: Hub, state: LabState, run: Run): LabFaults {
  const cablesBetween = (a: string, b: string): readonly Cable[] => {
    const between = state.cables.filter((cable) => {
      const ends = [cable.a.node, cable.b.node];
      return a !== b && ends.includes(a) && ends.includes(b);
    });
    if (between.length > 0) return between;
    throw new LabRefusal({ asked: `A cable between ${a} and ${b}`, found: 'there is none' });
  };
  const managementEnd = (name: string): string => {
    const index = state.nodes.findIndex((node) => node.name === name);
    if (index >= 0) return `m${index}`;
    throw new LabRefusal({ asked: `The node ${name}`, found: 'there is none of that name' });
  };
  return {
    async cut(a, b) {
      const script = cablesBetween(a, b).map(
        ({ number }) =>
          `: > /run/cables/cut${number}\n${batch([`link set dev ca${number} down`, `link set dev cb${number} down`])}`,
      );
      await hub.sh(`Cutting the cables between ${a} and ${b}`, script.join('\n'));
    },
    async join(a, b) {
      const script = cablesBetween(a, b).map(
        // One that was not cut keeps its carrier.
        ({ number }) => `if rm /run/cables/cut${number} 2> /dev/null; then\n${watchFrom(number, 'a')}\nfi`,
      );
      await hub.sh(`Joining ${a} and ${b}`, script.join('\n'));
    },
    async blackhole(name) {
      await hub.sh(`Cutting ${name} off`, renderBlackhole(managementEnd(name)));
    },
    async heal(name) {
      const table = `bridge dark-${managementEnd(name)}`;
      // Deleting what is not there would be an error.
      await hub.sh(`Healing ${name}`, `nft add table ${table}; nft delete table ${table}`);
    },
    async kill(name, daemon) {
      const { exitCode, stderr } = await run(name, ['pkill', '-KILL', '-x', daemon]);
      if (exitCode === 0) return;
      if (exitCode === 1) throw new LabRefusal({ asked: `A ${daemon} on ${name}`, found: 'there is none' });
      throw new LabCommandFailedError({ doing: `Killing ${daemon} on ${name}`, exitCode, said: stderr.trim() });
    },
    async active() {
      const said = await hub.sh('Reading the faults', 'ls /run/cables; nft list tables');
      const words = new Set(said.match(/[\w-]+/g));
      return {
        cut: state.cables.filter(({ number }) => words.has(`cut${number}`)),
        dark: state.nodes.flatMap(({ name }, index) => (words.has(`dark-m${index}`) ? [name] : [])),
      };
    },
  };
}

/** A table of its own for each node, so that its end is one command. A set of names would match nothing here. */
function renderBlackhole(end: string): string {
  return `nft -f - <<'.'
table bridge dark-${end}
delete table bridge dark-${end}
table bridge dark-${end} {
  chain forward {
    type filter hook forward priority 0;
    iifname "${end}" drop
    oifname "${end}" drop
  }
}
.`;
}
