import type { Tree } from '../../schemas/json.ts';
import type { IssuedCertificate } from './certificates.ts';

/** The built-in roles, and `nvset`: a role of class `nvset`, which edits revisions and applies none. */
export type SwitchRole = 'system-admin' | 'nvue-admin' | 'nvue-monitor' | 'nvset';

export interface SwitchUser {
  readonly username: string;
  readonly password: string;
  readonly role: SwitchRole;
}

/** Who is at the other end of a link, as LLDP tells it. */
export interface LldpNeighbour {
  readonly systemName: string;
  /** Interface name on the neighbour. */
  readonly port: string;
}

/** One emulated switch at the moment it is switched on. */
export interface SwitchSpec {
  readonly name: string;
  readonly serial: string;
  /** Of the management interface; not shown unless given. */
  readonly mac?: string;
  /** `MSN4600C` unless given. */
  readonly model?: string;
  /** `cumulus` unless given. */
  readonly platform?: 'cumulus' | 'nvos';
  /** Whose behaviour is shown: `5.9` stands for everything up to 5.9, `5.11` for 5.10 and later. */
  readonly release: '5.9' | '5.11';
  /** What `/system` says it runs, for example `5.11.1`. The release's own unless given. */
  readonly version?: string;
  /** Unless given: what `system.config.auto-save` of the applied configuration says, and on when it says nothing. */
  readonly autoSave?: boolean;
  /** Applied and startup configuration; range keys are expanded. */
  readonly configuration: Tree;
  readonly users: readonly SwitchUser[];
  /** Passwords by their crypt hash, for `system.aaa.user.<name>.hashed-password`. A hash not in here lets nobody in. */
  readonly hashes?: Readonly<Record<string, string>>;
  /** By interface. */
  readonly neighbours?: Readonly<Record<string, LldpNeighbour>>;
  /** 0 (unless given): any free port. */
  readonly port?: number;
  /** `127.0.0.1` unless given. */
  readonly host?: string;
  /** Self-signed, for the host and the name, unless given. */
  readonly certificate?: IssuedCertificate;
  /** How long each state of an apply lasts; 100 unless given; 0: the whole walk happens before the request is answered. */
  readonly stepMilliseconds?: number;
  /** How long a prompt (`ays`, `ignore_fail`) waits for an answer; 60,000 unless given. */
  readonly promptMilliseconds?: number;
  /** How long a reboot takes; 50 steps unless given. */
  readonly bootMilliseconds?: number;
  /** Revisions kept (`NVUE_MAX_REVISIONS`); 100 unless given. */
  readonly maxRevisions?: number;
}

/** What differs between releases. Source: device-protocols reference A.3, A.6, A.8, A.13, A.14. */
export interface ReleaseProfile {
  /** PATCH answers with the whole object, or with what changed. */
  readonly patchAnswers: 'whole' | 'changed';
  readonly deleteStatus: 200 | 204;
  /** Editing what is immutable. The reference leaves the status open, so one release shows each. */
  readonly immutableStatus: 409 | 422;
  /** Secrets are stored as `$nvsec$…`. */
  readonly encryptsSecrets: boolean;
  /** The walk has a `check_health` state. */
  readonly checksHealth: boolean;
  /** Applying without changes: hangs in `apply`, or ends in an odd state with an issue. */
  readonly emptyApply: 'hangs' | 'odd-state';
  /** Links say `oper-status`, or only `state: { up: {} }`. */
  readonly saysOperStatus: boolean;
  /** `/system` has `product-release`, or only `build`. */
  readonly saysProductRelease: boolean;
  readonly unauthorisedAs: 'html' | 'json';
  /** What `/interface` without a `rev` and without `include` answers from: releases were seen doing either. */
  readonly bareInterfaces: 'operational' | 'applied';
}

export const profiles: Readonly<Record<SwitchSpec['release'], ReleaseProfile>> = {
  '5.9': {
    patchAnswers: 'whole',
    deleteStatus: 200,
    immutableStatus: 409,
    encryptsSecrets: false,
    checksHealth: false,
    emptyApply: 'hangs',
    saysOperStatus: false,
    saysProductRelease: false,
    unauthorisedAs: 'html',
    bareInterfaces: 'operational',
  },
  '5.11': {
    patchAnswers: 'changed',
    deleteStatus: 204,
    immutableStatus: 422,
    encryptsSecrets: true,
    checksHealth: true,
    emptyApply: 'odd-state',
    saysOperStatus: true,
    saysProductRelease: true,
    unauthorisedAs: 'json',
    bareInterfaces: 'applied',
  },
};
