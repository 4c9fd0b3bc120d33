import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeReconciler } from '../../../cli/compose.ts';
import { type CommandReport, runCommands } from '../../../reconciler/commands/run-commands.ts';
import { fleetRef, type ReconcilerDeps } from '../../../reconciler/deps.ts';
import { startLedger } from '../../../reconciler/pass.ts';
import { type PlannedPullRequest, planPullRequest } from '../../../reconciler/plan-pull-request.ts';
import { createJourney, type Journey, type JourneyOptions, nextSecond } from '../../support/journey.ts';

export interface PassOptions {
  /** Changes what the pass is given: another clock, a forge that fails, an end in the middle. */
  readonly deps?: (deps: ReconcilerDeps) => ReconcilerDeps;
  readonly signal?: AbortSignal;
  /** A copy of the fleet repo of its own, as a process on another machine has it. */
  readonly own?: string;
}

/** A sandbox, and the part of a pass that does what comments ask for. */
export interface CommandWorld extends Journey {
  /** Writes a comment, in a later second than everything before it. @returns Its number. */
  say(pullRequest: number, by: string, text: string): Promise<number>;
  /** What a pass makes of the comments. What it throws that is no foreseen error is thrown here. */
  hear(options?: PassOptions): Promise<readonly CommandReport[]>;
  /** Our reply to a comment, its marker left out; `undefined` when there is none. */
  reply(pullRequest: number, comment: number): string | undefined;
  /** Reactions to a comment, in the order they were given. */
  reactions(comment: number): readonly string[];
  /** Lines of the ledger about commands on a pull request. */
  records(pullRequest: number): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Pull requests that were planned by a command, with what it was allowed to plan. */
  readonly planned: readonly { readonly number: number; readonly forkHead?: string }[];
}

export async function createCommandWorld(options?: JourneyOptions): Promise<CommandWorld> {
  const journey = await createJourney(options);
  const { github } = journey.world;
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-commands-'));
  const planned: { number: number; forkHead?: string }[] = [];

  async function hear({
    deps: change = (deps) => deps,
    signal,
    own = '',
  }: PassOptions = {}): Promise<readonly CommandReport[]> {
    let reports: readonly CommandReport[] = [];
    let thrown: unknown;
    await journey.run(async (io) => {
      try {
        const deps = change(
          await composeReconciler(io, { remote: github.remoteUrl, cache: join(folder, `cache${own}`) }),
        );
        const ref = fleetRef(deps.settings);
        const base = (await deps.repository.fetch([ref], io.signal)).get(ref) ?? '';
        const view = await startLedger(deps, base, io.signal);
        const planAgain = (
          pullRequest: Parameters<typeof planPullRequest>[1]['pullRequest'],
          more: { readonly forkHead?: string },
        ): Promise<PlannedPullRequest> => {
          planned.push({ number: pullRequest.number, ...more });
          return planPullRequest(deps, { pullRequest, base, again: true, ...more }, io.signal);
        };
        reports = await runCommands(deps, view, { tip: base, planAgain }, signal ?? io.signal);
      } catch (error) {
        thrown = error;
      }
      return 0;
    });
    if (thrown !== undefined) throw thrown;
    return reports;
  }

  return {
    ...journey,
    planned,
    hear,
    async say(pullRequest, by, text) {
      await nextSecond(journey.clock);
      return github.as(by).comment(pullRequest, text);
    },
    reply(pullRequest, comment) {
      const marker = `<!-- pointsman:command ${comment} -->`;
      const replies = github.comments(pullRequest).filter(({ body }) => body.startsWith(marker));
      if (replies.length > 1) throw new Error(`comment ${comment} has ${replies.length} replies`);
      return replies[0]?.body.slice(marker.length).trim();
    },
    reactions: (comment) => github.reactions(comment).map(({ content }) => content),
    async records(pullRequest) {
      const text = (await journey.ledgerFile(`commands/pr-${pullRequest}.jsonl`)) ?? '';
      return text
        .trim()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    },
    async close() {
      await journey.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
