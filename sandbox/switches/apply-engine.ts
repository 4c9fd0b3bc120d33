/**
 * An apply's walk through its states, on the sandbox's clock: queueing, prompts, the confirm timer, rollback, saving.
 *
 * Source: device-protocols reference A.7 to A.9.
 */
import type { Tree } from '../../schemas/json.ts';
import type { SandboxClock } from '../clock.ts';
import type { ApplyFault } from './apply-faults.ts';
import { accountLost, applyWarnings } from './apply-warnings.ts';
import type { Applied, Issue, Revision, RevisionStore } from './revisions.ts';
import { findContradiction } from './semantics.ts';
import type { ReleaseProfile } from './switch-spec.ts';
import { equal } from './tree.ts';

export interface ApplyEngineDeps {
  readonly store: RevisionStore;
  readonly clock: SandboxClock;
  readonly profile: ReleaseProfile;
  /** Milliseconds each state lasts; 0: everything happens at once. */
  readonly stepMilliseconds: number;
  readonly promptMilliseconds: number;
  readonly savesByItself: () => boolean;
  /** A managed file was edited by hand; cleared by the next apply that gets through. */
  readonly editedFiles: Set<string>;
  /** Takes the faults planned for one apply. */
  readonly takeFaults: () => readonly ApplyFault[];
  /** Called whenever another configuration has become live. */
  readonly onLive: (before: Tree, after: Tree, faults: readonly ApplyFault[]) => void;
}

export interface ApplyEngine {
  /** Starts, or queues behind the one under way. The revision says `apply`. */
  start(revision: Revision, user: string): void;
  /** Answers the prompt the revision waits at. */
  answer(revision: Revision, answer: string): void;
  /** Back to `pending`, out of the queue or after a failure. */
  reopen(revision: Revision): void;
  /** `save ▶ saving ▶ saved`. */
  save(revision: Revision): void;
  /** Forgets everything under way, as a power cut does. */
  abort(): void;
}

interface Walk {
  readonly revision: Revision;
  readonly user: string;
  readonly faults: readonly ApplyFault[];
  before?: Applied;
  applyId?: string;
  cancel: () => void;
}

type Prompt = 'ays' | 'ignore_fail' | 'confirm';

export function createApplyEngine(deps: ApplyEngineDeps): ApplyEngine {
  const { store, clock, profile, stepMilliseconds, promptMilliseconds } = deps;
  const queue: Walk[] = [];
  let current: Walk | undefined;
  let cancelSave = (): void => {};

  function fault<K extends ApplyFault['kind']>(walk: Walk, kind: K): Extract<ApplyFault, { kind: K }> | undefined {
    return walk.faults.find((planned): planned is Extract<ApplyFault, { kind: K }> => planned.kind === kind);
  }

  function show(walk: Walk, state: string, progress = ''): void {
    walk.revision.state = state;
    walk.revision.progress = progress;
  }

  function raise(walk: Walk, ...issues: readonly Issue[]): void {
    walk.revision.issues = [...walk.revision.issues, ...issues];
  }

  function wait(walk: Walk, milliseconds: number, then: () => void): void {
    walk.cancel = clock.setTimer(milliseconds, then);
  }

  function step(walk: Walk, state: string, then: () => void): void {
    show(walk, state, state === 'reloading' ? 'Reloading services' : '');
    const slow = fault(walk, 'slow');
    const lasts = stepMilliseconds + (slow?.state === state ? slow.milliseconds : 0);
    if (lasts === 0) then();
    else wait(walk, lasts, then);
  }

  function steps(walk: Walk, states: readonly string[], then: () => void): void {
    const [state, ...rest] = states;
    if (state === undefined) then();
    else step(walk, state, () => steps(walk, rest, then));
  }

  function end(walk: Walk, state: string, progress = ''): void {
    walk.cancel();
    show(walk, state, progress);
    delete walk.revision.confirmBy;
    current = undefined;
    const next = queue.shift();
    if (next) begin(next);
  }

  function begin(walk: Walk): void {
    current = walk;
    walk.revision.issues = [];
    if (equal(walk.revision.tree, store.applied().tree)) {
      emptyApply(walk);
      return;
    }
    steps(walk, ['checking'], () => {
      const contradiction = findContradiction(walk.revision.tree);
      const { location, reason } = fault(walk, 'invalid') ?? contradiction ?? {};
      if (location !== undefined && reason !== undefined) {
        raise(walk, {
          severity: 'error',
          code: 'config_invalid',
          message: `Config invalid at ${location}: ${reason}\n`,
          data: { location, reason: `${reason}\n` },
        });
        end(walk, 'invalid', 'Invalid config');
        return;
      }
      steps(walk, ['checked', 'verifying'], () => verified(walk));
    });
  }

  function emptyApply(walk: Walk): void {
    if (profile.emptyApply === 'hangs') return;
    raise(walk, {
      severity: 'warning',
      code: 'no_config_diff',
      message: 'config apply executed with no config diff',
      data: {},
    });
    end(walk, 'inactive');
  }

  function verified(walk: Walk): void {
    if (fault(walk, 'verify-error')) {
      raise(walk, internalError());
      end(walk, 'verify_error', 'Failed to verify configuration');
      return;
    }
    steps(walk, ['verified'], () => {
      const planned = fault(walk, 'ays');
      const warnings = applyWarnings(store.applied().tree, walk.revision.tree, deps.editedFiles);
      if (planned) warnings.push(planned.warning ?? SERVICE_RESTART);
      if (warnings.length === 0) {
        ready(walk);
        return;
      }
      raise(walk, ...warnings);
      prompt(walk, 'ays', '', planned?.answerable ?? true);
    });
  }

  function prompt(walk: Walk, kind: 'ays' | 'ignore_fail', progress: string, answerable: boolean): void {
    show(walk, kind, progress);
    const prepared = walk.revision.autoPrompt[kind];
    if (answerable && prepared !== undefined) {
      answered(walk, kind, prepared);
      return;
    }
    wait(walk, promptMilliseconds, () => {
      if (kind === 'ignore_fail') {
        answered(walk, kind, 'ignore_fail_no');
        return;
      }
      raise(walk, {
        severity: 'error',
        code: 'client_timeout',
        message: 'Timeout while waiting for client response',
        data: {},
      });
      end(walk, 'ays_fail', 'Aborted apply after warnings');
    });
  }

  function answered(walk: Walk, kind: Prompt, answer: string): void {
    walk.cancel();
    if (kind === 'ays') {
      if (answer === 'ays_yes') steps(walk, ['ays_yes'], () => ready(walk));
      else end(walk, 'ays_no', 'Aborted apply after warnings');
      return;
    }
    if (kind === 'ignore_fail') {
      if (answer === 'ignore_fail_yes') steps(walk, ['ignore_fail_yes'], () => reloaded(walk));
      else rollBackTo(walk, 'ignore_fail_no');
      return;
    }
    delete walk.revision.confirmBy;
    if (answer === 'confirm_yes') steps(walk, ['confirm_yes'], () => keep(walk));
    else unconfirmed(walk, 'Configuration was not confirmed');
  }

  function ready(walk: Walk): void {
    steps(walk, ['readying'], () => {
      if (fault(walk, 'ready-error')) {
        raise(walk, internalError());
        end(walk, 'ready_error', 'Failed to prepare to apply');
        return;
      }
      if (accountLost(store.applied().tree, walk.revision.tree, walk.user)) {
        raise(walk, {
          severity: 'error',
          code: 'user_logged_in',
          message: `Unable to delete user ${walk.user}: user is currently logged in`,
          data: { user: walk.user },
        });
        end(walk, 'apply_error', 'Failed to apply configuration');
        return;
      }
      steps(walk, ['ready', 'reloading'], () => reload(walk));
    });
  }

  function reload(walk: Walk): void {
    goLive(walk);
    if (fault(walk, 'apply-fail')) {
      raise(walk, reloadFailure('frr'));
      rollBackTo(walk, 'apply_fail');
      return;
    }
    const ignorable = fault(walk, 'ignore-fail');
    if (ignorable) {
      raise(walk, reloadFailure('frr'));
      prompt(walk, 'ignore_fail', 'Failure during apply. Ignore?', ignorable.answerable ?? true);
      return;
    }
    reloaded(walk);
  }

  function goLive(walk: Walk): void {
    const { before, applyId } = store.apply(walk.revision, walk.user);
    walk.before = before;
    walk.applyId = applyId;
    deps.editedFiles.clear();
    deps.onLive(before.tree, walk.revision.tree, walk.faults);
  }

  function reloaded(walk: Walk): void {
    const failing = fault(walk, 'error-issue');
    if (failing) raise(walk, failing.issue ?? reloadFailure('ifreload-nvue'));
    const health = profile.checksHealth && walk.revision.stateControls['check-health'] !== 'skip';
    steps(walk, health ? ['reloaded', 'check_health'] : ['reloaded'], () => {
      const seconds = Number(walk.revision.stateControls['confirm'] ?? 0);
      if (seconds > 0) askToConfirm(walk, seconds);
      else keep(walk);
    });
  }

  function askToConfirm(walk: Walk, seconds: number): void {
    show(walk, 'confirm', 'Waiting for confirmation');
    const prepared = walk.revision.autoPrompt['confirm'];
    if (prepared !== undefined) {
      answered(walk, 'confirm', prepared);
      return;
    }
    walk.revision.confirmBy = clock.now() + seconds * 1000;
    wait(walk, seconds * 1000, () => unconfirmed(walk, 'Timeout while waiting for confirmation'));
  }

  /** Live, and nobody said yes: back to what was. */
  function unconfirmed(walk: Walk, reason: string): void {
    delete walk.revision.confirmBy;
    step(walk, 'confirm_no', () => {
      goBack(walk);
      end(walk, 'confirm_fail', `${reason}, configuration rolled back`);
    });
  }

  /** The failure is shown at once; the way back is a revision of its own that clients poll. */
  function rollBackTo(walk: Walk, state: 'apply_fail' | 'ignore_fail_no'): void {
    const target = `${walk.applyId}/start`;
    const point = store.find(target)?.revision;
    raise(walk, {
      severity: 'warning',
      code: 'rollback',
      message: `Rolling back to ${target}`,
      data: { rollback_target: target },
    });
    show(walk, state, `Failed to apply configuration, rolling back to ${target}`);
    if (point) point.state = 'reloading';
    const back = (): void => {
      goBack(walk);
      if (point) point.state = 'applied';
      end(walk, state, `Failed to apply configuration, rolled back to ${target}`);
    };
    if (stepMilliseconds === 0) back();
    else wait(walk, 2 * stepMilliseconds, back);
  }

  function goBack(walk: Walk): void {
    if (!walk.before) return;
    store.restore(walk.before);
    deps.onLive(walk.revision.tree, walk.before.tree, []);
  }

  function keep(walk: Walk): void {
    if (!deps.savesByItself()) {
      end(walk, 'applied');
      return;
    }
    steps(walk, ['applied', 'auto_save', 'auto_saving'], () => {
      store.save();
      end(walk, 'applied_and_saved');
    });
  }

  return {
    start(revision, user) {
      const walk: Walk = { revision, user, faults: deps.takeFaults(), cancel: () => {} };
      show(walk, 'apply');
      if (current) queue.push(walk);
      else begin(walk);
    },
    answer(revision, answer) {
      if (current?.revision === revision) answered(current, revision.state as Prompt, answer);
    },
    reopen(revision) {
      const queued = queue.findIndex((walk) => walk.revision === revision);
      if (queued >= 0) queue.splice(queued, 1);
      else if (current?.revision === revision) end(current, 'pending');
      revision.state = 'pending';
      revision.progress = '';
      revision.issues = [];
    },
    save(revision) {
      const finish = (): void => {
        store.save();
        revision.state = 'saved';
      };
      revision.state = 'saving';
      if (stepMilliseconds === 0) finish();
      else cancelSave = clock.setTimer(stepMilliseconds, finish);
    },
    abort() {
      cancelSave();
      for (const { revision } of queue.splice(0)) revision.state = 'pending';
      if (!current) return;
      current.cancel();
      const { revision } = current;
      revision.state = revision.state.startsWith('confirm') ? 'confirm_fail' : 'apply_fail';
      delete revision.confirmBy;
      current = undefined;
    },
  };
}

const SERVICE_RESTART: Issue = {
  severity: 'warning',
  code: 'service_restart',
  message: 'The switchd service will be restarted; traffic is interrupted',
  data: {},
};

function internalError(): Issue {
  return { severity: 'error', code: 'internal_error', message: 'Unrecoverable internal error', data: {} };
}

function reloadFailure(service: string): Issue {
  return {
    severity: 'error',
    code: 'systemctl',
    message: `Unable to reload-or-restart services (${service}): Job for ${service}.service failed because the control process exited with error code.`,
    data: { service },
  };
}
