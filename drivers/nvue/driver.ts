import type { Driver } from '../driver.ts';
import { renderStartupYaml } from './backup.ts';
import { isOpaqueSecret, type NvuePlatform, secretPatterns } from './facts.ts';
import { findHazards } from './hazards.ts';
import { expectedLosses } from './losses.ts';
import { markChange } from './marks.ts';
import { normaliseTree } from './normalise.ts';
import { redundancyKeys } from './redundancy.ts';
import { openSession } from './session.ts';

/** The driver for a system that speaks NVUE. Systems differ in facts only. */
export function createNvueDriver(facts: NvuePlatform): Driver {
  return {
    platform: facts.platform,
    capabilities: {
      candidate: true,
      nativeDiff: true,
      atomic: true,
      timedConfirm: 'platform',
      revertSurvivesReboot: true,
    },
    open: openSession,
    normalise: normaliseTree,
    secretPatterns,
    isOpaqueSecret,
    redundancyKeys,
    hazards: (intended, running, username) => findHazards(facts, intended, running, username),
    mark: markChange,
    expectedLosses,
    renderBackup: (tree, identity) => ({ extension: 'yaml', text: renderStartupYaml(facts, tree, identity) }),
  };
}
