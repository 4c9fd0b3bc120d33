/**
 * The kinds of a fleet repo. One definition here gives the TypeScript type, the ajv validator and the JSON Schema that
 * editors use. Every object refuses unknown fields. What a `description` says is what an engineer reads in the editor.
 */
import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false } as const;

const Name = Type.String({
  pattern: '^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$',
  description: 'Lower-case letters, digits, dot, dash and underscore; 1 to 63 characters.',
});

/** A secret is named, never written: `{ secret: site/bgp-password }`. */
const SecretReference = Type.Object(
  {
    secret: Type.String({
      pattern: '^[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*$',
      description: 'Name of a secret in one of the sources of pointsman.yaml, for example site/bgp-password.',
    }),
  },
  closed,
);

const Credential = Type.Object(
  {
    username: Type.String({ minLength: 1, description: 'An account on the switch.' }),
    password: Type.Optional(SecretReference),
    private_key: Type.Optional(
      Type.Object(SecretReference.properties, {
        ...closed,
        description:
          'In place of a password where a switch is spoken to through SSH: a key in PEM, as ssh-keygen writes it, without a passphrase.',
      }),
    ),
  },
  closed,
);
export type Credential = Static<typeof Credential>;

/** Name of the secret that proves a login is ours: one, where the fleet has been checked. */
export function secretsOf({ password, private_key }: Credential): readonly string[] {
  return [password, private_key].flatMap((reference) => reference?.secret ?? []);
}

const Credentials = Type.Object(
  {
    plan: Type.Optional(Credential),
    apply: Type.Optional(Credential),
  },
  {
    ...closed,
    description: 'plan reads (and may be weaker); apply changes. A missing one is taken from the wider scope.',
  },
);
export type Credentials = Static<typeof Credentials>;

const Tls = Type.Object(
  {
    ca: Type.Optional(Type.String({ description: 'CA certificates in PEM that sign the switches’ certificates.' })),
    pins: Type.Optional(
      Type.Array(Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }), {
        minItems: 1,
        description:
          'SHA-256 of the switch’s certificate (DER), lower-case hex. List the next one too before a rotation.',
      }),
    ),
    server_name: Type.Optional(
      Type.String({ description: 'Name the certificate must carry, when it is not the address.' }),
    ),
  },
  closed,
);
export type Tls = Static<typeof Tls>;

/** A configuration layer: an NVUE tree, or what `nv config show` and startup.yaml hold (a list of header/set/unset). */
const Configuration = Type.Union(
  [Type.Record(Type.String(), Type.Unknown()), Type.Array(Type.Record(Type.String(), Type.Unknown()))],
  {
    description:
      'A layer of the intended configuration: an NVUE tree, or a list of header, set and unset. null removes what an earlier layer set.',
  },
);

const Labels = Type.Record(Type.String(), Type.String(), {
  description: 'Seen by templates: those of the site, then the role, then the device; the later wins.',
});

const Data = Type.Record(Type.String(), Type.Unknown(), {
  description: 'Values for templates. Role, then site, then device: maps merge, the later wins.',
});
const Templates = Type.Array(Type.String({ pattern: '^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*\\.j2$' }), {
  description: 'Templates below desired-state/templates/, rendered in this order.',
});

/** The platforms a fleet may name. `cumulus` and `nvos` are spoken to through NVUE, `frr` through SSH. */
export const Platform = Type.Enum(['cumulus', 'nvos', 'frr']);
export type Platform = Static<typeof Platform>;

/** How the switches of a plan are worked through. In `pointsman.yaml` for the fleet, in a request for that request. */
const rolloutFields = {
  devices_at_once: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: '10 unless set.' })),
  confirm_within_seconds: Type.Optional(
    Type.Integer({
      minimum: 30,
      maximum: 3600,
      description: 'How long the switch waits for our confirmation before it reverts. 300 unless set.',
    }),
  ),
  batch_size: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 500,
      description: 'Switches in a batch. One batch of all unless this or batch_percentage is set.',
    }),
  ),
  batch_percentage: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 100,
      description: 'The same in percent of the switches that change; at least one. Of both, the smaller batch counts.',
    }),
  ),
  canary_percentage: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 100,
      description:
        'A first batch of this many percent of the switches, at least one, of as many diff groups as it can be.',
    }),
  ),
  canary_success_threshold: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 100,
      description: 'Percent of the canaries that have to come out well for the rest to be done. 100 unless set.',
    }),
  ),
  gate: Type.Optional(
    Type.Enum(['none', 'first', 'each'], {
      description:
        'Batches that ask for an approval of their own before they begin: none beyond the pull request, the first after the canaries, or each. none unless set.',
    }),
  ),
  barrier: Type.Optional(
    Type.Boolean({
      description:
        'true: the switches of a batch are all live and proven before any is confirmed; one that fails takes all of its batch back.',
    }),
  ),
  apart: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), {
      description:
        'Labels; switches of one site that have the same value of one of these never are in one batch. [failure_domain, mlag_pair] unless set.',
    }),
  ),
  expected_changes: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), {
      description: 'Probes that may get worse by the change, for example "interface swp1" or "bgp swp51*".',
    }),
  ),
  retry_count: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 10,
      description:
        'How often what passes by itself is tried again before a person has to say so. As the workflow says unless set.',
    }),
  ),
  retry_delay_seconds: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 86_400,
      description: 'How long is waited before. As the workflow says unless set.',
    }),
  ),
  timeout_seconds: Type.Optional(
    Type.Integer({
      minimum: 60,
      maximum: 7_776_000,
      description: 'A run that has not ended after this long ends as TIMED_OUT. As the workflow says unless set.',
    }),
  ),
} as const;

export const Settings = Type.Object(
  {
    forge: Type.Object(
      {
        kind: Type.Literal('github', { description: 'The only forge so far.' }),
        repository: Type.String({ pattern: '^[^/\\s]+/[^/\\s]+$', description: 'owner/name of this fleet repo.' }),
        api: Type.Optional(
          Type.String({ pattern: '^https?://', description: 'For GitHub Enterprise Server: its API address.' }),
        ),
      },
      closed,
    ),
    branch: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'The branch that says what switches should be. The default branch of the repository unless set.',
      }),
    ),
    ledger: Type.Optional(
      Type.Object(
        {
          branch: Type.Optional(
            Type.String({
              minLength: 1,
              description: 'The branch that holds the records. pointsman/ledger unless set.',
            }),
          ),
        },
        closed,
      ),
    ),
    secrets: Type.Object(
      {
        sources: Type.Array(
          Type.Union([
            Type.Object(
              {
                kind: Type.Literal('environment'),
                prefix: Type.Optional(
                  Type.String({
                    description:
                      'site/bgp-password is read from <prefix>SITE_BGP_PASSWORD. POINTSMAN_SECRET_ unless set.',
                  }),
                ),
              },
              closed,
            ),
            Type.Object(
              {
                kind: Type.Literal('directory'),
                path: Type.String({
                  minLength: 1,
                  description: 'A mounted folder outside the repo; site/bgp-password is the file of that path.',
                }),
              },
              closed,
            ),
          ]),
          { minItems: 1, description: 'Asked in this order; the first that knows the name answers.' },
        ),
        fingerprint_key: SecretReference,
      },
      closed,
    ),
    credentials: Type.Optional(Credentials),
    tls: Type.Optional(Tls),
    rollout: Type.Optional(
      Type.Object(
        {
          ...rolloutFields,
          poll_milliseconds: Type.Optional(
            Type.Integer({
              minimum: 10,
              maximum: 60_000,
              description: 'How often a switch is asked how its apply goes. 1000 unless set.',
            }),
          ),
          allow_hazards: Type.Optional(
            Type.Array(Type.String({ minLength: 1 }), {
              description: 'Names of replace hazards (see docs) that do not block a plan here.',
            }),
          ),
        },
        closed,
      ),
    ),
    requests: Type.Optional(
      Type.Object(
        {
          most_devices: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 100_000,
              description: 'A request whose targets are more switches than this is refused. 500 unless set.',
            }),
          ),
        },
        closed,
      ),
    ),
  },
  { ...closed, title: 'pointsman.yaml: settings of the fleet' },
);
export type Settings = Static<typeof Settings>;

const TIME_OF_DAY = '([01][0-9]|2[0-3]):[0-5][0-9]';
const DATE = '2[0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])';

export const MOMENT_PATTERN = `^${DATE}T${TIME_OF_DAY}(:[0-5][0-9])?(Z|[+-]${TIME_OF_DAY})?$`;

/** One point in time: `2026-12-01T22:00`, read in a time zone, or with what it differs from UTC. */
export const Moment = Type.String({
  pattern: MOMENT_PATTERN,
  description:
    'For example 2026-12-01T22:00, read in the time zone that counts here; or exact, with Z or an offset: 2026-12-01T22:00+01:00.',
});
export type Moment = Static<typeof Moment>;

/** Five fields. No `?`, which would stand for the time of asking. */
export const CRON_PATTERN = '^[0-9A-Za-z*,/#-]+( +[0-9A-Za-z*,/#-]+){4}$';

/** Something that comes again by the clock. */
export const Schedule = Type.Object(
  {
    cron: Type.String({
      pattern: CRON_PATTERN,
      description:
        'Five fields: minute, hour, day of the month, month, day of the week. For example 30 3 * * mon-fri: half past three on working days.',
    }),
    time_zone: Type.Optional(Type.String({ description: 'IANA name of the zone whose clocks count. UTC unless set.' })),
    jitter_minutes: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 720,
        description:
          'Begin up to this many minutes later, each time another many, so that not everything begins at once. 0 unless set.',
      }),
    ),
  },
  closed,
);
export type Schedule = Static<typeof Schedule>;

const Window = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'Shown to people: nightly.' }),
    days: Type.Optional(
      Type.Array(Type.Enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']), {
        minItems: 1,
        description: 'Days on which it opens. Every day unless set.',
      }),
    ),
    from: Type.String({
      pattern: `^${TIME_OF_DAY}$`,
      description: 'When it opens, by the clocks of the site: 00:00 to 23:59, for example 22:00.',
    }),
    to: Type.String({
      pattern: `^${TIME_OF_DAY}$`,
      description:
        'When it closes, by the clocks of the site: 00:00 to 23:59, for example 04:00. At or before from: on the next day.',
    }),
  },
  closed,
);
export type Window = Static<typeof Window>;

const Freeze = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'Shown to people: year end.' }),
    from: Type.String({
      pattern: `^${DATE}(T${TIME_OF_DAY})?$`,
      description: 'A date or a date and time by the clocks of the site: 2026-12-20 or 2026-12-20T18:00.',
    }),
    to: Type.String({
      pattern: `^${DATE}(T${TIME_OF_DAY})?$`,
      description:
        'A date or a date and time by the clocks of the site: 2027-01-03 (until the end of that day) or 2027-01-03T06:00.',
    }),
    reason: Type.String({ minLength: 1, description: 'Shown to whoever has to wait for it.' }),
  },
  closed,
);
export type Freeze = Static<typeof Freeze>;

export const Site = Type.Object(
  {
    time_zone: Type.Optional(Type.String({ description: 'IANA name, for example Europe/Amsterdam. UTC unless set.' })),
    runner: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        description:
          'Labels of the GitHub Actions runner inside this site’s network. Its switches are then only spoken to from there: pointsman reconcile --site <site>.',
      }),
    ),
    windows: Type.Optional(
      Type.Array(Window, {
        minItems: 1,
        description:
          'When switches of this site may be changed, in its time zone. A site without windows is always open.',
      }),
    ),
    freezes: Type.Optional(
      Type.Array(Freeze, {
        description: 'When switches of this site must not be changed, in its time zone. A freeze wins over a window.',
      }),
    ),
    credentials: Type.Optional(Credentials),
    tls: Type.Optional(Tls),
    labels: Type.Optional(Labels),
    data: Type.Optional(Data),
    configuration: Type.Optional(Configuration),
  },
  { ...closed, title: 'desired-state/sites/<site>.yaml' },
);
export type Site = Static<typeof Site>;

export const Role = Type.Object(
  {
    image: Type.Optional(Name),
    labels: Type.Optional(Labels),
    data: Type.Optional(Data),
    configuration: Type.Optional(Configuration),
    templates: Type.Optional(Templates),
  },
  { ...closed, title: 'desired-state/roles/<role>.yaml' },
);
export type Role = Static<typeof Role>;

export const Device = Type.Object(
  {
    platform: Platform,
    role: Name,
    address: Type.String({
      pattern: '^([A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?$',
      description:
        'Management address: name or IP, with :port when it is not the platform’s own (8765 cumulus, 443 nvos). IPv6 in brackets.',
    }),
    serial: Type.String({
      minLength: 1,
      description: 'As the switch reports it; a switch with another serial is not touched.',
    }),
    mac: Type.Optional(
      Type.String({
        pattern: '^([0-9a-f]{2}:){5}[0-9a-f]{2}$',
        description:
          'Of the management interface, lower-case: 44:38:39:22:01:6c. For templates; must be unique in the fleet.',
      }),
    ),
    image: Type.Optional(Name),
    status: Type.Optional(
      Type.Enum(['planned', 'provisioning', 'provisioned', 'active', 'maintenance', 'retired'], {
        description: 'Where it stands in its life; requests choose by it. active unless set.',
      }),
    ),
    tenant: Type.Optional(Type.String({ minLength: 1, description: 'Whose switch it is; requests choose by it.' })),
    credentials: Type.Optional(Credentials),
    tls: Type.Optional(Tls),
    ssh: Type.Optional(
      Type.Object(
        {
          host_keys: Type.Array(Type.String({ pattern: '^SHA256:[A-Za-z0-9+/]{43}$' }), {
            minItems: 1,
            description:
              'Keys the switch may show, as ssh-keygen -lf prints them: SHA256:… List the next one too before a change of keys.',
          }),
        },
        { ...closed, description: 'For platforms that are spoken to through SSH, in place of tls.' },
      ),
    ),
    labels: Type.Optional(Labels),
    flags: Type.Optional(
      Type.Object(
        {
          deploy_enabled: Type.Optional(
            Type.Boolean({ description: 'false: plans show this switch and leave it alone. true unless set.' }),
          ),
        },
        closed,
      ),
    ),
    data: Type.Optional(Data),
    configuration: Type.Optional(Configuration),
    templates: Type.Optional(Templates),
  },
  { ...closed, title: 'desired-state/devices/<site>/<device>.yaml' },
);
export type Device = Static<typeof Device>;

const Image = Type.Object(
  {
    platform: Platform,
    version: Type.String({
      minLength: 1,
      description: 'As the switch reports it when it runs this image, for example 5.11.1.',
    }),
    file: Type.String({ minLength: 1, description: 'Name of the image file.' }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'Checksum of the file, 64 lower-case hex digits.' }),
  },
  closed,
);

export const Images = Type.Record(Type.String(), Image, { title: 'desired-state/images.yaml' });
export type Images = Static<typeof Images>;

const ApprovalRule = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'Shown to reviewers.' }),
    when: Type.Optional(
      Type.Object(
        {
          workflows: Type.Optional(
            Type.Array(Type.String(), { minItems: 1, description: 'For example ConfigurationDeploy. One of them.' }),
          ),
          stages: Type.Optional(
            Type.Array(Type.String(), {
              minItems: 1,
              description: 'The stage that waits, for example perform_configuration_diff. One of them.',
            }),
          ),
          sites: Type.Optional(
            Type.Array(Name, { minItems: 1, description: 'A changing device is at one of these sites.' }),
          ),
          roles: Type.Optional(
            Type.Array(Name, { minItems: 1, description: 'A changing device has one of these roles.' }),
          ),
          labels: Type.Optional(
            Type.Record(Type.String(), Type.String(), {
              description:
                'A changing device has all of these labels, of its site, its role or its own, as the base branch says.',
            }),
          ),
          disruptive: Type.Optional(
            Type.Boolean({ description: 'true: only plans with a disruptive change; false: only plans without.' }),
          ),
          management: Type.Optional(
            Type.Boolean({ description: 'true: only plans that touch management reachability; false: only others.' }),
          ),
        },
        { ...closed, description: 'All that is named must hold. A rule without when holds for every plan.' },
      ),
    ),
    approvals: Type.Integer({ minimum: 1, maximum: 20, description: 'How many people have to say yes.' }),
    by: Type.Object(
      {
        teams: Type.Optional(
          Type.Array(Type.String({ pattern: '^[^/\\s]+/[^/\\s]+$' }), { minItems: 1, description: 'org/team-slug' }),
        ),
        users: Type.Optional(
          Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: 'Logins on the forge.' }),
        ),
        code_owners: Type.Optional(
          Type.Literal(true, {
            description:
              'Also who owns a changed file by CODEOWNERS of the base branch. Every file needs the approvals of its owners.',
          }),
        ),
      },
      { ...closed, minProperties: 1, description: 'Who may give them: members of the teams, and the users.' },
    ),
  },
  closed,
);
export type ApprovalRule = Static<typeof ApprovalRule>;

export const ApprovalRules = Type.Object(
  {
    expires_after_hours: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 720, description: '24 unless set.' }),
    ),
    rules: Type.Array(ApprovalRule, { description: 'Every rule that matches a plan has to be satisfied.' }),
  },
  { ...closed, title: 'approvals.yaml' },
);
export type ApprovalRules = Static<typeof ApprovalRules>;

/** The commands a rule of permissions.yaml may name. `plan_fork`: planning what somebody from outside proposes. */
const PermittedVerb = Type.Enum([
  'plan',
  'plan_fork',
  'explain',
  'approve',
  'reject',
  'retry',
  'pause',
  'resume',
  'terminate',
  'adopt',
  'revert',
  'help',
]);
export type PermittedVerb = Static<typeof PermittedVerb>;

const PermissionRule = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'Shown to people.' }),
    commands: Type.Array(PermittedVerb, {
      minItems: 1,
      description: 'What the rule permits. plan_fork is planning the head of a fork.',
    }),
    by: Type.Optional(
      Type.Object(
        {
          teams: Type.Optional(
            Type.Array(Type.String({ pattern: '^[^/\\s]+/[^/\\s]+$' }), { minItems: 1, description: 'org/team-slug' }),
          ),
          users: Type.Optional(
            Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: 'Logins on the forge.' }),
          ),
        },
        {
          ...closed,
          minProperties: 1,
          description: 'Members of the teams, and the users. Unless set: everybody with the permission.',
        },
      ),
    ),
    permission: Type.Optional(
      Type.Enum(['read', 'triage', 'write', 'maintain', 'admin'], {
        description: 'The least permission on the repository that is needed as well. write unless set.',
      }),
    ),
    when: Type.Optional(
      Type.Object(
        {
          workflows: Type.Optional(
            Type.Array(Type.String(), { minItems: 1, description: 'For example ConfigurationDeploy. One of them.' }),
          ),
          sites: Type.Optional(
            Type.Array(Name, { minItems: 1, description: 'Every switch it is about is at one of these sites.' }),
          ),
        },
        { ...closed, description: 'All that is named must hold. A rule without when holds everywhere.' },
      ),
    ),
  },
  closed,
);
export type PermissionRule = Static<typeof PermissionRule>;

export const Permissions = Type.Object(
  {
    rules: Type.Array(PermissionRule, {
      description: 'Whom a rule permits a command may give it. A command no rule names keeps its default.',
    }),
  },
  { ...closed, title: 'permissions.yaml' },
);
export type Permissions = Static<typeof Permissions>;

/** The workflows a request may ask for. `BatchDeploy` runs are started by others only. */
const RequestedWorkflow = Type.Enum([
  'ConfigurationDeploy',
  'MultiDeploy',
  'Rollback',
  'ConfigurationBackup',
  'SiteBackup',
  'ConfigurationDiff',
  'DriftCheck',
]);
export type RequestedWorkflow = Static<typeof RequestedWorkflow>;

const Globs = (description: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description }));

/** Which devices something is about. All that is named must hold; `*` and `?` stand for characters. */
const Targets = Type.Object(
  {
    devices: Globs('Names or globs.'),
    sites: Globs('Names or globs.'),
    roles: Globs('Names or globs.'),
    platforms: Globs('Names or globs.'),
    status: Globs('One of these.'),
    tenants: Globs('Names or globs.'),
    labels: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'All of these, of the device, its role or its site; globs.',
      }),
    ),
    at_most: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Refused when it would be more switches than this.' }),
    ),
  },
  { ...closed, minProperties: 1, description: 'Which switches. All that is named must hold.' },
);
export type Targets = Static<typeof Targets>;

export const Request = Type.Object(
  {
    workflow: RequestedWorkflow,
    reason: Type.String({ minLength: 1, description: 'Why. Shown to reviewers and kept with the run.' }),
    targets: Targets,
    input: Type.Optional(
      Type.Object(
        {
          to: Type.Optional(
            Type.Object(
              {
                commit: Type.Optional(
                  Type.String({
                    pattern: '^[0-9a-f]{12,40}$',
                    description: 'What the fleet repo said at this commit of its branch.',
                  }),
                ),
                run: Type.Optional(
                  Type.String({
                    minLength: 4,
                    description: 'What was intended before this run; a whole run is taken back.',
                  }),
                ),
                backup: Type.Optional(
                  Type.String({
                    pattern: '^(latest|[0-9a-f]{12,40})$',
                    description:
                      'The backup on the ledger as it was at this commit of the ledger; latest for the newest.',
                  }),
                ),
              },
              { ...closed, minProperties: 1, maxProperties: 1, description: 'Rollback: back to what. One of them.' },
            ),
          ),
        },
        { ...closed, description: 'What the workflow has to be told.' },
      ),
    ),
    rollout: Type.Optional(Type.Object(rolloutFields, closed)),
    not_before: Type.Optional(Moment),
    schedule: Type.Optional(Schedule),
    time_zone: Type.Optional(Type.String({ description: 'IANA name, for not_before. UTC unless set.' })),
    even_when_paused: Type.Optional(
      Type.Boolean({
        description:
          'true: it is done though automation.yaml says paused. Only requests without a schedule may say so.',
      }),
    ),
    outside_windows: Type.Optional(
      Type.Boolean({ description: 'true: it does not wait for maintenance windows. Freezes hold all the same.' }),
    ),
  },
  { ...closed, title: 'requests/<name>.yaml: a workflow to run' },
);
export type Request = Static<typeof Request>;

const Paused = Type.Object(
  {
    paused: Type.Boolean({ description: 'true: nothing automatic begins, and runs hold at their next border.' }),
    reason: Type.Optional(Type.String({ minLength: 1, description: 'Shown wherever something holds because of it.' })),
  },
  closed,
);

export const Automation = Type.Object(
  {
    paused: Type.Optional(
      Type.Boolean({
        description: 'The kill switch. true: nothing automatic begins, and runs hold at their next border.',
      }),
    ),
    reason: Type.Optional(Type.String({ minLength: 1, description: 'Why it is paused. Has to be said.' })),
    sites: Type.Optional(Type.Record(Type.String(), Paused, { description: 'The same for one site.' })),
    workflows: Type.Optional(Type.Record(Type.String(), Paused, { description: 'The same for one workflow.' })),
    schedules: Type.Optional(
      Type.Record(
        Name,
        Type.Object(
          {
            workflow: Type.Enum(['ConfigurationBackup', 'SiteBackup', 'DriftCheck', 'ConfigurationDiff']),
            targets: Type.Optional(Targets),
            schedule: Schedule,
          },
          closed,
        ),
        { description: 'What is done by the clock, by name. Reads only.' },
      ),
    ),
    drift_classes: Type.Optional(
      Type.Record(
        Name,
        Type.Object(
          {
            paths: Type.Array(
              Type.String({
                pattern: '^[^.\\s]+(\\.[^.\\s]+)*$',
                description:
                  'Keys from the top of a configuration, with dots between: service.ntp, interface.*.description. With all that is below.',
              }),
              { minItems: 1, description: 'The places it is about. All of a part at the top is too wide.' },
            ),
            most_switches: Type.Optional(
              Type.Integer({
                minimum: 1,
                maximum: 500,
                description: 'Where more switches drift alike, a person decides. 5 unless set.',
              }),
            ),
          },
          closed,
        ),
        { description: 'Settings that rules with the policy enforce may take back, by name.' },
      ),
    ),
    drift: Type.Optional(
      Type.Array(
        Type.Object(
          {
            name: Type.String({ minLength: 1, description: 'Shown to people.' }),
            targets: Type.Optional(Targets),
            policy: Type.Enum(['report', 'propose', 'enforce', 'ignore'], {
              description:
                'report: tells it. propose: opens a pull request as well, which reverts or adopts it. enforce: takes it back without anybody being asked, where all of it lies within the classes, in the windows; otherwise as propose. ignore: says nothing.',
            }),
            classes: Type.Optional(
              Type.Array(Name, {
                minItems: 1,
                description: 'enforce: what may be taken back, by names of drift_classes.',
              }),
            ),
            windows: Type.Optional(
              Type.Array(Type.String({ minLength: 1 }), {
                minItems: 1,
                description:
                  'enforce: when, by names of maintenance windows of sites. At a site that has none of these, nothing is.',
              }),
            ),
            propose: Type.Optional(
              Type.Enum(['revert', 'adopt'], { description: 'Which way a pull request goes. revert unless set.' }),
            ),
            most_pull_requests: Type.Optional(
              Type.Integer({ minimum: 1, maximum: 100, description: 'Open ones at a time. 5 unless set.' }),
            ),
          },
          closed,
        ),
        { description: 'The first that fits a switch counts; report where none does.' },
      ),
    ),
  },
  { ...closed, title: 'automation.yaml: schedules, drift policy, the kill switch' },
);
export type Automation = Static<typeof Automation>;

export const Startup = Type.Array(
  Type.Object(
    {
      header: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'Not used.' })),
      set: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'What is configured.' })),
      unset: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'What goes away, by its ends.' })),
    },
    { ...closed, minProperties: 1 },
  ),
  { title: '<device>.startup.yaml or <role>.startup.yaml: what nv config show and /etc/nvue.d/startup.yaml hold' },
);
export type Startup = Static<typeof Startup>;
