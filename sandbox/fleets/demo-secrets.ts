/**
 * Every secret the demo fabric names. They guard nothing: the switches they belong to are emulated. All are distinctive, so
 * that a search for one of them in a comment, a log or a ledger cannot hit by chance.
 */

/** Passwords of the accounts on the demo's switches, by username. */
export const demoPasswords = {
  cumulus: 'Kingfisher-83-Lantern',
  pointsman: 'Switchyard-41-Signal',
  'pointsman-plan': 'Timetable-27-Reading',
  noc: 'Nightshift-65-Coffee',
} as const;

export type DemoUsername = keyof typeof demoPasswords;

/**
 * The same as SHA-512 crypt with a fixed salt: written out because making one takes longer than switching a switch on.
 * A test proves that each belongs to its password.
 */
export const demoPasswordHashes: Readonly<Record<DemoUsername, string>> = {
  cumulus: '$6$ams1cumulus0$cy8cfYExQGnWgcK0QKZJ.iudjMJjGFfxdVZLJxTf2QHUzkuQSWeSlMZfdoQ6jZCxEcYmt/rICDN5ckeihbmbk0',
  pointsman: '$6$ams1pointsman$aYp/p0bOSiDSMfKdfeDq2w.nbUc8vVeAhkuMbFFbF.8KGRjW.m7mappWP9JnXvzM8B3.zQDUlU1vXGNeqa2dh0',
  'pointsman-plan':
    '$6$ams1planreader$/CcN9qlCtNQcIDyzRufJ/I3AENmH9cpBAKyIC8y0ppIdiWMJIfV6/TVGq.m.Sq7kTQUuE/hUT8GJPb2uM2kf2/',
  noc: '$6$ams1nocreader$PudTUcRSj1IZpyzmnUSR027Kb5w/unHUY5vELl0X1HXTJcSw/q.8nXPfSCJDwJZCYJI2BiNu7i8Yr6bDud5OB/',
};

/** Secret values by the name the fleet repo gives them. */
export const demoSecrets: ReadonlyMap<string, string> = new Map([
  ['fleet/fingerprint-key', 'fingerprint-key-9d41c7e2b05f8a36'],
  ['fleet/plan-password', demoPasswords['pointsman-plan']],
  ['fleet/apply-password', demoPasswords.pointsman],
  ['ams1/bgp-password', 'Underlay-7f3a-Mortise'],
  ['ams1/snmp-community', 'gauge-glass-5b1d'],
  ['ams1/cumulus-password-hash', demoPasswordHashes.cumulus],
  ['ams1/pointsman-password-hash', demoPasswordHashes.pointsman],
  ['ams1/pointsman-plan-password-hash', demoPasswordHashes['pointsman-plan']],
  ['ams1/noc-password-hash', demoPasswordHashes.noc],
]);

/** What an emulated switch needs to know whom a configured hash lets in: passwords by hash. */
export const demoPasswordsByHash: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(demoPasswordHashes).map(([username, hash]) => [hash, demoPasswords[username as DemoUsername]]),
);
