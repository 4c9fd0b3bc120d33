import type { FleetCache } from './fleet-cache.ts';
import type { Layer } from './layer.ts';
import type { TemplateSet } from './template-set.ts';

/** What a fleet is rendered from, beside its values: layers with their places, templates, and the ids of it all. */
export interface FleetSources {
  /** Blob ids by path, of every file of the fleet, read or not. */
  readonly blobs: ReadonlyMap<string, string>;
  /** Layers of a role, site or device by the path of its file; the startup.yaml beside it lies lowest. */
  readonly layers: ReadonlyMap<string, readonly Layer[]>;
  readonly templates: TemplateSet;
  readonly cache: FleetCache;
}
