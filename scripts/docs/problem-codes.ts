/** What a fleet repo can have wrong. A house test holds this list against the codes in the sources. */
export const PROBLEM_CODES: Readonly<Record<string, { readonly what: string; readonly help: string }>> = {
  SCHEMAS_YAML_SYNTAX: {
    what: 'The file is not YAML.',
    help: 'Only the first such place is told; what follows it would be guessed.',
  },
  SCHEMAS_YAML_DUPLICATE_KEY: { what: 'A key stands twice in one map.', help: 'Remove one of the two.' },
  SCHEMAS_YAML_KEY: {
    what: 'A key is not plain text, or is one that cannot be used.',
    help: 'Quote it, or write it as one word.',
  },
  SCHEMAS_YAML_NUMBER: { what: 'A number is too large to be kept exactly, or is no number.', help: 'Quote it.' },
  SCHEMAS_YAML_TAG: { what: 'A YAML tag (`!something`).', help: 'Quote the value to make it text.' },
  SCHEMAS_YAML_DIRECTIVE: { what: 'A YAML directive (`%YAML`, `%TAG`).', help: 'Remove it; files are YAML 1.2.' },
  SCHEMAS_YAML_DOCUMENTS: { what: 'A second document stands in the file.', help: 'One object is one file.' },
  SCHEMAS_YAML_ALIAS: {
    what: 'An alias has no anchor before it, or would contain itself.',
    help: 'Write the value out.',
  },
  SCHEMAS_YAML_ALIASES: {
    what: 'More than 100 aliases in one file.',
    help: 'Put what repeats into a role or a template.',
  },
  SCHEMAS_YAML_AMBIGUOUS: {
    what: 'Readers of YAML disagree about what stands here.',
    help: 'Write it more plainly; quote it.',
  },
  SCHEMAS_YAML_TOO_DEEP: { what: 'Maps and lists stand more than 64 deep in each other.', help: 'Flatten it.' },
  SCHEMAS_YAML_TOO_LARGE: {
    what: 'More than 200,000 values, aliases followed.',
    help: 'Split it into role, site and device.',
  },
  SCHEMAS_FILE_TOO_LARGE: { what: 'The file is larger than 1 MiB.', help: 'Split it into role, site and device.' },
  SCHEMAS_NOT_UTF8: { what: 'The file is not UTF-8 text.', help: 'Save it as UTF-8.' },
  SCHEMAS_UNKNOWN_FIELD: {
    what: 'A field that this kind of file does not have.',
    help: 'The problem says which one was probably meant.',
  },
  SCHEMAS_MISSING_FIELD: { what: 'A field that must be there is not.', help: 'Add it.' },
  SCHEMAS_VALUE: {
    what: 'A value of another type, form or size than the field takes.',
    help: 'The problem says what was expected and what was found.',
  },
  DESIRED_STATE_FILE_MISSING: {
    what: 'There is no `pointsman.yaml`.',
    help: 'Add it; without it nothing is known of the fleet.',
  },
  DESIRED_STATE_FILE_UNKNOWN: {
    what: 'A file below `desired-state/` that has no place in a fleet.',
    help: 'Move it; a README.md may stand anywhere.',
  },
  DESIRED_STATE_FILE_NAME: {
    what: 'The name of a file cannot be the name of a site, role or device.',
    help: 'Lower-case letters, digits, dot, dash and underscore.',
  },
  DESIRED_STATE_NOT_SUPPORTED: {
    what: 'A file that a later version reads and this one would ignore.',
    help: 'Remove it until then.',
  },
  DESIRED_STATE_SYMLINK: { what: 'A symbolic link.', help: 'Put the file itself there.' },
  DESIRED_STATE_SUBMODULE: { what: 'A Git submodule.', help: 'Put the files themselves there.' },
  DESIRED_STATE_NAME_TAKEN: {
    what: 'Two devices have one name.',
    help: 'Names are unique in a fleet, not only in a site.',
  },
  DESIRED_STATE_NOT_UNIQUE: {
    what: 'Two devices have one address, serial number or MAC.',
    help: 'The problem names the other one.',
  },
  DESIRED_STATE_ROLE_UNKNOWN: {
    what: 'A device names a role that is not there.',
    help: 'Add `desired-state/roles/<role>.yaml`, or correct the name.',
  },
  DESIRED_STATE_SITE_UNKNOWN: {
    what: 'A device stands in the folder of a site that is not there.',
    help: 'Add `desired-state/sites/<site>.yaml`.',
  },
  DESIRED_STATE_IMAGE_UNKNOWN: {
    what: 'An image that is not in `images.yaml`.',
    help: 'Add it there, or correct the name.',
  },
  DESIRED_STATE_IMAGE_PLATFORM: {
    what: 'An image of another platform than the device.',
    help: 'Name one of its own platform.',
  },
  DESIRED_STATE_TEMPLATE_UNKNOWN: {
    what: 'A template that is not there.',
    help: 'Names are paths below `desired-state/templates/`.',
  },
  DESIRED_STATE_TEMPLATE_COMPUTED: {
    what: 'An `include`, `import` or `extends` whose name is computed.',
    help: 'Write the name in quotes: what a change affects has to be known beforehand.',
  },
  DESIRED_STATE_TEMPLATE: {
    what: 'A template cannot be read or fails: a syntax error, an undefined variable, a limit.',
    help: 'The problem gives the template’s line.',
  },
  DESIRED_STATE_ADDRESS: {
    what: 'An address that is none.',
    help: 'A name or IP, with `:port` when it is not the platform’s own.',
  },
  DESIRED_STATE_TIME_ZONE: { what: 'Not the name of a time zone.', help: 'An IANA name such as `Europe/Amsterdam`.' },
  DESIRED_STATE_CALENDAR_NAME: {
    what: 'Two windows, or two freezes, of a site have one name.',
    help: 'Give each its own: people are told by it what they wait for.',
  },
  DESIRED_STATE_NO_SUCH_DATE: {
    what: 'A freeze begins or ends on a date that does not exist, such as 2026-02-30.',
    help: 'Correct the date.',
  },
  DESIRED_STATE_FREEZE_ENDS_FIRST: {
    what: 'A freeze ends before it begins, or at once.',
    help: 'Correct one of the two; a `to` that is a date is meant until the end of that day.',
  },
  DESIRED_STATE_CREDENTIALS_MISSING: {
    what: 'Nothing says with which account to apply.',
    help: 'Add `credentials.apply` to the device, its site or `pointsman.yaml`.',
  },
  DESIRED_STATE_CREDENTIALS_UNSUITABLE: {
    what: 'A login names neither a password nor a private key, or both, or a key where the platform takes none.',
    help: 'Name the one the platform takes.',
  },
  DESIRED_STATE_HOST_KEY_MISSING: {
    what: 'Nothing proves that a switch which is spoken to through SSH is the right one.',
    help: 'Add `ssh.host_keys` to the device, as `ssh-keygen -lf` prints them on its console.',
  },
  DESIRED_STATE_TEXT: {
    what: 'A template gives a line that is none of its platform’s configuration.',
    help: 'Correct the template where the line says.',
  },
  DESIRED_STATE_TLS_MISSING: {
    what: 'Nothing proves that the switch is the right one.',
    help: 'Add `tls.pins` or `tls.ca` to the device, its site or `pointsman.yaml`.',
  },
  DESIRED_STATE_CONFIGURATION: {
    what: 'A configuration that is neither a tree nor a list of `header`, `set` and `unset`.',
    help: 'Write it as `nv config show` prints it.',
  },
  DESIRED_STATE_RANGE: {
    what: 'A range key that cannot be read (`swp4-1`, `swp1-`).',
    help: 'Ranges count upwards: `swp1-4`.',
  },
  DESIRED_STATE_TOO_LARGE: {
    what: 'The ranges of one layer stand for more than 200,000 keys.',
    help: 'Look for ranges inside ranges.',
  },
  DESIRED_STATE_SECRET_IN_PLAIN_TEXT: {
    what: 'A secret is written where everybody can read it.',
    help: 'Name it, `{ secret: <name> }`, and change it: it is in Git’s history now.',
  },
  DESIRED_STATE_SECRET_NAME: {
    what: 'A reference that is no name of a secret.',
    help: 'For example `site/bgp-password`.',
  },
  DESIRED_STATE_SECRET_GLUED: {
    what: 'A secret is only a part of a value or key.',
    help: 'A secret has to be the whole value or the whole key.',
  },
  DESIRED_STATE_REQUEST: {
    what: 'A request whose fields do not go together.',
    help: 'The problem says which, and why.',
  },
  DESIRED_STATE_AUTOMATION: {
    what: 'Something in `automation.yaml` that names nothing there is, or lacks its reason.',
    help: 'The problem says what was expected.',
  },
  DESIRED_STATE_DRIFT_CLASS_WIDE: {
    what: 'A class of drift names a place that is, or can be, all of a part at the top of a configuration.',
    help: 'Name what lies below it, such as `service.ntp` or `interface.*.description`.',
  },
  DESIRED_STATE_DRIFT_RULE: {
    what: 'A rule of `drift` enforces without classes or windows, or names some that are not there.',
    help: 'The problem says which, and what was expected.',
  },
  DESIRED_STATE_TARGETS: {
    what: 'The targets of a request are no switch, or more than allowed, or name something that fits no switch.',
    help: 'Correct the targets; `requests.most_devices` in `pointsman.yaml` is the limit.',
  },
  RECONCILER_REQUEST_NOT_ALONE: {
    what: 'A request that changes switches is not alone in its pull request.',
    help: 'Put it into a pull request of its own: an approval is of one plan.',
  },
  RECONCILER_REQUEST_GONE: {
    what: 'A request that is to be done is not in the fleet repo any more.',
    help: 'Put it back, or terminate its run.',
  },
  RECONCILER_REQUEST_TARGETS: {
    what: 'The targets of a request or a schedule are no switch, or more than allowed.',
    help: 'Correct the targets; `requests.most_devices` in `pointsman.yaml` is the limit.',
  },
  RECONCILER_REQUEST_BACK_TO: {
    what: 'What a Rollback is to go back to is not there, or is nothing one could go back to.',
    help: 'Correct `input.to`; the problem says what was found.',
  },
  RECONCILER_SETTINGS_MISSING: { what: 'The commit has no `pointsman.yaml`.', help: 'Add it on the base branch.' },
  RECONCILER_MERGE_CONFLICT: {
    what: 'The pull request conflicts with its base branch.',
    help: 'Merge the base branch into it, or rebase.',
  },
};
