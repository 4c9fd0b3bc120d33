import type { Cable, LabLink } from './fabric.ts';
import type { HubIdentity } from './hub.ts';
import type { ManagementBlock } from './management.ts';

/** A running lab as plain data: enough for another process to find it. */
export interface LabState {
  readonly hub: HubIdentity;
  /** Keys and ssh configuration; gone when the lab is. */
  readonly directory: string;
  readonly block: ManagementBlock;
  /** In the order of their addresses. */
  readonly nodes: readonly LabNode[];
  readonly cables: readonly Cable[];
}

export interface LabNode {
  /** `spine01`, `leaf01`… */
  readonly name: string;
  /** IPv4, reachable from every process of this machine. */
  readonly address: string;
  readonly port: 22;
  /** `sha256:<64 hex>` of the SSH host key's blob. */
  readonly hostKey: string;
  readonly serial: string;
  readonly links: readonly LabLink[];
  /** May log in with `privateKey`, and may nothing that `imageFiles` did not bring. */
  readonly user: 'pointsman';
  /** Path of a file. */
  readonly privateKey: string;
}
