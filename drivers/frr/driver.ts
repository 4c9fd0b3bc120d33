import type { Driver } from '../driver.ts';
import { renderFilesYaml } from './backup.ts';
import { SECRET_KEY } from './facts.ts';
import { findHazards } from './hazards.ts';
import { expectedLosses } from './losses.ts';
import { markChange } from './marks.ts';
import { normaliseTree } from './normalise.ts';
import { parseText } from './parse.ts';
import { openSession } from './session.ts';

/** The driver for Linux with FRR, and ifupdown2 where there is one. */
export const frr: Driver = {
  platform: 'frr',
  capabilities: {
    candidate: true,
    nativeDiff: true,
    atomic: false,
    timedConfirm: 'helper',
    revertSurvivesReboot: true,
  },
  open: openSession,
  text: { parse: parseText },
  normalise: normaliseTree,
  secretPatterns: [{ path: ['**', SECRET_KEY], at: 'value' }],
  isOpaqueSecret: () => false,
  redundancyKeys: () => [],
  hazards: (intended, running) => findHazards(intended, running),
  mark: markChange,
  expectedLosses,
  renderBackup: (tree, identity) => ({ extension: 'yaml', text: renderFilesYaml(tree, identity) }),
};
