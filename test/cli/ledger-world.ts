/** A fleet repo of which nothing is needed but its ledger: runs are written there as a pass would, and commands read them. */
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Io } from '../../cli/io.ts';
import { openRemote } from '../../git/open-remote.ts';
import { createLedger } from '../../ledger/create-ledger.ts';
import type { RunEvent } from '../../ledger/events.ts';
import { startGithub } from '../../sandbox/github/start-github.ts';
import { silent, T0 } from '../ledger/build.ts';
import { signal } from '../ledger/world.ts';
import { pointsman, type Ran, scratchFolder } from './run.ts';

const SETTINGS = `forge: { kind: github, repository: acme/fleet }
secrets:
  sources: [{ kind: environment }]
  fingerprint_key: { secret: fleet/fingerprint-key }
`;

export async function createLedgerWorld() {
  const folder = scratchFolder();
  const gitDir = join(folder, 'fleet.git');
  const clock = { now: () => T0, sleep: async () => undefined };
  const users = [{ login: 'dora', name: 'Dora Example', role: 'maintain' }] as const;
  const github = await startGithub({ clock, repository: 'acme/fleet', gitDir, users });
  afterAll(() => github.close());
  await github.as('dora').push('main', { 'pointsman.yaml': SETTINGS }, 'A fleet');
  const repository = await openRemote({ url: `file://${gitDir}` }, join(folder, 'writer.git'), {
    environment: process.env,
  });
  const author = { name: 'Pointsman', email: 'pointsman@example.net' };
  const ledger = createLedger({ repository, branch: 'pointsman/ledger', author, log: silent, clock });

  type Events = Readonly<Record<string, readonly RunEvent[]>>;
  const appendAt = (eventsFor: (tip: string) => Events) =>
    ledger.append(async ({ tip = '' }) => ({ title: 'step', events: new Map(Object.entries(eventsFor(tip))) }), signal);

  return {
    github,
    append: (events: Events) => appendAt(() => events),
    /** For events that name the commit they were decided from. */
    appendAt,
    /** With a token for GitHub and no secret of the fleet. */
    command: (args: readonly string[], given: Partial<Io> = {}): Promise<Ran> =>
      pointsman([...args, '--remote', github.remoteUrl, '--cache', join(folder, 'mirror')], {
        cwd: folder,
        environment: { GITHUB_TOKEN: github.tokenFor('dora') },
        ...given,
      }),
  };
}
