/** What git child processes may know of the world around them. */

/** The caller's environment, usually the whole of it. This room never reads the process's own. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The caller's variables that reach git: how to find programs, the user's own Git, SSH, proxy and certificate settings.
 * Left out on purpose: GIT_DIR and its like (they point elsewhere when we are run from a hook), GIT_TRACE* (it prints
 * headers), GIT_CONFIG_* (ours), and every secret the process happens to hold.
 */
const PASSED_ON = [
  'PATH',
  'HOME',
  'XDG_CONFIG_HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'TEMP',
  'TMP',
  'SystemRoot',
  'USERPROFILE',
  'SSH_AUTH_SOCK',
  'SSH_AGENT_PID',
  'GIT_SSH',
  'GIT_SSH_COMMAND',
  'GIT_SSH_VARIANT',
  'GIT_EXEC_PATH',
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'CURL_CA_BUNDLE',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
] as const;

/** Makes git's answers the same on every machine, and keeps it from asking anybody anything. */
const FIXED: Readonly<Record<string, string>> = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  // Empty, not absent: absent lets core.askPass and SSH_ASKPASS speak.
  GIT_ASKPASS: '',
  GIT_OPTIONAL_LOCKS: '0',
  // `refs/replace/*` of a repository could show other contents than the commit we name.
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_LITERAL_PATHSPECS: '1',
  // Above every protocol.*.allow of the user's: `ext::` runs commands.
  GIT_ALLOW_PROTOCOL: 'file:http:https:ssh',
};

/** Settings that would change what we get back, run programs, or start work behind our back. The rest stays the user's. */
const SETTINGS: readonly Setting[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.quotePath', 'false'],
  ['core.splitIndex', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['commit.gpgSign', 'false'],
  ['push.gpgSign', 'false'],
  ['push.followTags', 'false'],
  ['push.recurseSubmodules', 'no'],
  ['submodule.recurse', 'false'],
  // As the forge merges.
  ['merge.renames', 'true'],
  ['merge.directoryRenames', 'conflict'],
  ['transfer.fsckObjects', 'true'],
];

/** A Git setting and its value. */
export type Setting = readonly [key: string, value: string];

/**
 * The whole environment of a git child.
 *
 * @param extra Settings for this repository only. Values may be secret: they reach git through its environment, where
 *   neither `ps` nor a configuration file shows them.
 */
export function gitEnvironment(environment: Environment, extra: readonly Setting[] = []): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const settings = [...SETTINGS, ...extra];
  return {
    ...Object.fromEntries(passed),
    ...FIXED,
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
}
