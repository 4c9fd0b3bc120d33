import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Actions } from './actions.ts';
import { notFound } from './errors.ts';
import { createGitStore, type GitStore } from './git-store.ts';
import { pullAt, requireRole } from './rules.ts';
import type { Account, Deployment, GithubState, Issue, QueueEntry, Reaction, Role, WorkflowRun } from './state.ts';

/** What happens at GitHub that no single person does there, and views of what came of it. */
export interface GithubControl {
  /**
   * Makes a fork of the repository for somebody.
   *
   * @param options.private Seen by its owner only; anybody may read it unless given.
   * @returns `owner/name`
   */
  fork(login: string, options?: { readonly private?: boolean }): Promise<string>;
  /** Pull requests from it stay, without a head repository. */
  deleteFork(login: string): Promise<void>;
  /** @param team `org/slug` */
  setTeam(team: string, members: readonly string[]): void;
  setRole(login: string, role: Role): void;
  /** Puts a pull request into the merge queue. @param login Who does; its author unless given. */
  enqueue(number: number, login?: string): Promise<Readonly<QueueEntry>>;
  /** Takes it out again. */
  dequeue(number: number, login?: string): Promise<void>;
  /** The checks of all that is queued are green: it is merged. */
  finishQueue(): Promise<void>;
  /** First in line first. */
  queue(): readonly Readonly<QueueEntry>[];
  /** A run of a workflow file (`pointsman.yml`), by its schedule and now unless given otherwise. */
  scheduledRun(file: string, at?: number, event?: string): Promise<Readonly<WorkflowRun>>;
  issues(): readonly Readonly<Issue>[];
  /** To a comment, oldest first. */
  reactions(comment: number): readonly Readonly<Reaction>[];
  /** Oldest first. */
  deployments(): readonly Readonly<Deployment>[];
}

export function createControl(deps: {
  readonly state: GithubState;
  readonly store: GitStore;
  readonly actions: Actions;
  readonly now: () => number;
  readonly defaultBranch: string;
  readonly account: (login: string) => Account;
  readonly alone: <Result>(work: () => Promise<Result>) => Promise<Result>;
}): GithubControl {
  const { state, store, actions, now, defaultBranch, account, alone } = deps;

  const byOr = (login: string | undefined, number: number): Account => account(login ?? pullAt(state, number).author);

  return {
    fork: (login, options = {}) =>
      alone(async () => {
        const owner = account(login);
        requireRole(owner, 'read');
        const gitDir = join(store.gitDir, 'forks', `${owner.login}.git`);
        const forked = await createGitStore(gitDir);
        await forked.fetch(store.gitDir, ['+refs/heads/*:refs/heads/*']);
        const fullName = `${owner.login}/${state.name}`;
        state.forks.set(fullName.toLowerCase(), {
          id: state.nextId(),
          owner: owner.login,
          name: state.name,
          private: options.private ?? false,
          store: forked,
          activities: [],
        });
        return fullName;
      }),

    deleteFork: (login) =>
      alone(async () => {
        const name = `${login}/${state.name}`.toLowerCase();
        const fork = state.forks.get(name);
        if (!fork) throw notFound();
        state.forks.delete(name);
        await rm(fork.store.gitDir, { recursive: true, force: true });
      }),

    setTeam: (team, members) => void state.teams.set(team.toLowerCase(), members),

    setRole(login, role) {
      account(login).role = role;
    },

    enqueue: (number, login) => alone(() => actions.enqueue(byOr(login, number), number)),
    dequeue: (number, login) => alone(() => actions.dequeue(byOr(login, number), number)),
    finishQueue: () => alone(actions.finishQueue),
    queue: () => structuredClone(state.queue),

    async scheduledRun(file, at = now(), event = 'schedule') {
      const commit = await store.resolve(`refs/heads/${defaultBranch}`);
      if (!commit) throw notFound();
      const run = { id: state.nextId(), file, event, commit, startedAt: at };
      state.workflowRuns.push(run);
      return run;
    },

    issues: () => structuredClone(state.issues),
    reactions: (comment) => structuredClone(state.reactions.filter((reaction) => reaction.comment === comment)),
    deployments: () => structuredClone(state.deployments),
  };
}
