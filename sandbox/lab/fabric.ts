/** A leaf-spine fabric as plain data: which nodes there are, and which port is cabled to which. */
export interface Fabric {
  /** Spines first; the order of addresses. */
  readonly nodes: readonly FabricNode[];
  readonly cables: readonly Cable[];
}

export interface FabricNode {
  /** `spine01`, `leaf01`… */
  readonly name: string;
  readonly links: readonly LabLink[];
}

/** A cable as one of its nodes sees it. */
export interface LabLink {
  /** `swp51`… on a leaf, `swp1`… on a spine. */
  readonly port: string;
  readonly peer: string;
  readonly peerPort: string;
}

export interface Cable {
  /** From 1. */
  readonly number: number;
  readonly a: CableEnd;
  readonly b: CableEnd;
}

export interface CableEnd {
  readonly node: string;
  readonly port: string;
}

/** Every leaf to every spine: `swp51` and up on a leaf, one for each spine; `swp1` and up on a spine, one for each leaf. */
export function makeFabric(size: { readonly spines: number; readonly leaves: number }): Fabric {
  const spines = namesOf('spine', size.spines);
  const leaves = namesOf('leaf', size.leaves);
  const cables = leaves.flatMap((leaf, l) =>
    spines.map((spine, s) => ({
      number: l * spines.length + s + 1,
      a: { node: leaf, port: `swp${51 + s}` },
      b: { node: spine, port: `swp${1 + l}` },
    })),
  );
  return { nodes: [...spines, ...leaves].map((name) => ({ name, links: linksOf(name, cables) })), cables };
}

function namesOf(role: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${role}${String(index + 1).padStart(2, '0')}`);
}

function linksOf(name: string, cables: readonly Cable[]): readonly LabLink[] {
  return cables.flatMap(({ a, b }) => {
    if (a.node === name) return [{ port: a.port, peer: b.node, peerPort: b.port }];
    if (b.node === name) return [{ port: b.port, peer: a.node, peerPort: a.port }];
    return [];
  });
}
