/** Bad days on demand. Every fault is planted by a test or a demo; a switch without any behaves. */
import type { SandboxClock } from '../clock.ts';
import type { ApplyFault } from './apply-faults.ts';
import { badGateway, problem, type Reply, unauthorised } from './replies.ts';
import type { LldpNeighbour } from './switch-spec.ts';

/** Which requests a fault is for. */
interface RequestMatch {
  readonly method?: string;
  /** Tried on the path with its query, decoded: `/nvue_v1/?rev=12`. */
  readonly path?: RegExp;
  /** The first one it strikes, counting matches from when it was planted; 1 unless given. */
  readonly nth?: number;
  /** How many it strikes; 1 unless given. */
  readonly times?: number;
}

/** What happens to a request instead of, or besides, being answered. */
type TransportFault =
  /** The connection is reset, and the request was never acted on. */
  | { readonly kind: 'drop-before' }
  /** The connection is reset after the request was acted on: the answer is lost. */
  | { readonly kind: 'drop-after' }
  /** Never answered, never acted on. */
  | { readonly kind: 'hang' }
  /** Answered this much later, milliseconds of the sandbox's clock. */
  | { readonly kind: 'slow'; readonly milliseconds: number }
  /** Answered with this, not acted on. */
  | { readonly kind: 'reply'; readonly reply: Reply };

export interface FaultControls {
  onRequest(fault: TransportFault, match?: RequestMatch): void;
  /** For the next apply that is started, by whomever. `times`: for that many; 1 unless given. */
  onApply(fault: ApplyFault, times?: number): void;
  /** nginx answers 502 to everything for this long. */
  badGatewayFor(milliseconds: number): void;
  /** Every login is refused with 401 for this long. */
  refuseLoginsFor(milliseconds: number): void;
  /** 403 to everything until turned off: the default password was never changed. */
  defaultPasswordUnchanged(on: boolean): void;
  /** Nothing answers, until turned off: a cable was pulled. */
  unplugged(on: boolean): void;
  /** @returns Brings it up again. */
  linkDown(interfaceName: string): () => void;
  /** @returns Brings it up again. */
  peerDown(peer: string): () => void;
  /** LLDP shows somebody else on a link, or nobody. @returns Shows who is really there. */
  neighbour(interfaceName: string, shown: LldpNeighbour | undefined): () => void;
  /** @returns Makes it well again. */
  unwell(words: string): () => void;
  /** Takes every fault back. */
  clear(): void;
}

export interface Faults {
  readonly controls: FaultControls;
  /** The first planted fault that strikes this request. */
  strike(method: string, path: string): TransportFault | undefined;
  /** Taken by the apply that starts. */
  takeApply(): readonly ApplyFault[];
  isUnplugged(): boolean;
  readonly linksDown: Set<string>;
  readonly peersDown: Set<string>;
  /** Instead of the neighbours a switch was born with. */
  readonly neighbours: Map<string, LldpNeighbour | undefined>;
  readonly ailments: Set<string>;
}

/** @param onPlug Called when the switch is unplugged or plugged in. */
export function createFaults(clock: SandboxClock, onPlug: () => void): Faults {
  interface Planted {
    readonly fault: TransportFault;
    readonly match: RequestMatch;
    seen: number;
  }
  let planted: Planted[] = [];
  let forApply: { readonly fault: ApplyFault; left: number }[] = [];
  let badGatewayUntil = 0;
  let loginsRefusedUntil = 0;
  let defaultPassword = false;
  let unplugged = false;
  const linksDown = new Set<string>();
  const peersDown = new Set<string>();
  const neighbours = new Map<string, LldpNeighbour | undefined>();
  const ailments = new Set<string>();

  const member = (set: Set<string>) => (name: string) => {
    set.add(name);
    return () => void set.delete(name);
  };

  return {
    linksDown,
    peersDown,
    neighbours,
    ailments,
    isUnplugged: () => unplugged,
    strike(method, path) {
      const now = clock.now();
      if (now < badGatewayUntil) return { kind: 'reply', reply: badGateway() };
      if (now < loginsRefusedUntil) return { kind: 'reply', reply: unauthorised('json') };
      if (defaultPassword) {
        return {
          kind: 'reply',
          reply: problem(403, 'The default password has to be changed before the API can be used.'),
        };
      }
      let struck: TransportFault | undefined;
      for (const entry of planted) {
        const { method: wanted, path: pattern, nth = 1, times = 1 } = entry.match;
        if ((wanted !== undefined && wanted !== method) || (pattern && !pattern.test(path))) continue;
        entry.seen++;
        if (entry.seen >= nth && entry.seen < nth + times) struck ??= entry.fault;
      }
      planted = planted.filter(({ seen, match: { nth = 1, times = 1 } }) => seen < nth + times - 1);
      return struck;
    },
    takeApply() {
      const taken = forApply.map(({ fault }) => fault);
      for (const entry of forApply) entry.left--;
      forApply = forApply.filter(({ left }) => left > 0);
      return taken;
    },
    controls: {
      onRequest: (fault, match = {}) => void planted.push({ fault, match, seen: 0 }),
      onApply: (fault, times = 1) => void forApply.push({ fault, left: times }),
      badGatewayFor(milliseconds) {
        badGatewayUntil = clock.now() + milliseconds;
      },
      refuseLoginsFor(milliseconds) {
        loginsRefusedUntil = clock.now() + milliseconds;
      },
      defaultPasswordUnchanged(on) {
        defaultPassword = on;
      },
      unplugged(on) {
        unplugged = on;
        onPlug();
      },
      linkDown: member(linksDown),
      peerDown: member(peersDown),
      neighbour(interfaceName, shown) {
        neighbours.set(interfaceName, shown);
        return () => void neighbours.delete(interfaceName);
      },
      unwell: member(ailments),
      clear() {
        planted = [];
        forApply = [];
        badGatewayUntil = 0;
        loginsRefusedUntil = 0;
        defaultPassword = false;
        for (const planted of [linksDown, peersDown, neighbours, ailments]) planted.clear();
        if (unplugged) {
          unplugged = false;
          onPlug();
        }
      },
    },
  };
}
