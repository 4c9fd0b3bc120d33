import { drivers } from '../../drivers/registry.ts';

/**
 * Platforms whose switches can be adopted: those that are configured by a tree which files of a fleet can say. Where it is a text, as
 * with FRR, somebody has to write templates.
 */
export const ADOPTABLE: readonly string[] = Object.entries(drivers)
  .filter(([, { text }]) => text === undefined)
  .map(([platform]) => platform);
