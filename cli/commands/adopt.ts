import { resolve } from 'node:path';
import { type AccessScopes, applyCredential, effectiveTls, planCredential } from '../../desired-state/device-access.ts';
import type { Fleet } from '../../desired-state/fleet.ts';
import { drivers } from '../../drivers/registry.ts';
import { exitCodeOf } from '../../plans/exit-code.ts';
import { FleetInvalidError } from '../../reconciler/errors.ts';
import type { PointsmanError } from '../../schemas/errors.ts';
import { renderProblems } from '../../schemas/render-problems.ts';
import type { SecretStore } from '../../schemas/secret.ts';
import { type AdoptionTarget, adoptSwitches } from '../../workflows/adopt-switch.ts';
import { ADOPTABLE } from '../adopt/adoptable.ts';
import { type Adoption, isEmpty } from '../adopt/adoption.ts';
import { type MadeAdoption, makeAdoption } from '../adopt/make-adoption.ts';
import { nameDevices, type ReadSwitch, readRolePatterns } from '../adopt/name-devices.ts';
import { openAdoption } from '../adopt/open-adoption.ts';
import { type OpenBase, openBase } from '../adopt/open-base.ts';
import { type ProofOptions, type ProvenSwitch, proveSwitches } from '../adopt/prove-switches.ts';
import { readOrders } from '../adopt/read-orders.ts';
import { adoptionJson, renderAdoption, type Written } from '../adopt/render-adoption.ts';
import { certificatesJson, renderCertificates } from '../adopt/render-certificates.ts';
import { refuseFilesInTheWay, writeFiles } from '../adopt/write-files.ts';
import { planSecretFiles, type SecretFile, writeSecretFiles } from '../adopt/write-secrets.ts';
import type { RemoteOptions } from '../connect.ts';
import { UsageError } from '../errors.ts';
import type { ExitCode, Io } from '../io.ts';
import type { FleetOptions } from '../open-fleet.ts';
import { type Progress, withProgress } from '../progress.ts';
import { renderErrorDocument } from '../render-error.ts';

export interface AdoptOptions extends FleetOptions, RemoteOptions, ProofOptions {
  readonly site?: string;
  readonly role?: readonly string[];
  /** Where files go instead of the work tree. */
  readonly out?: string;
  readonly secretsOut?: string;
  readonly pr: boolean;
  readonly overwrite: boolean;
  readonly allowDifferences: boolean;
}

/**
 * `pointsman adopt`: what switches run becomes what they should run. Sends switches nothing but questions, and credentials
 * only to those that were accepted. 0: adopted; 1: not, something failed; 2 and 3: not (or as asked), the first plan would
 * change something or is blocked; 3: certificates have to be accepted first.
 */
export async function adoptCommand(io: Io, addresses: readonly string[], options: AdoptOptions): Promise<ExitCode> {
  refuseContradictions(options);
  const orders = readOrders(addresses, options.site);
  const patterns = readRolePatterns(options.role ?? []);

  const found: string[] = [];
  const opened = await openBase(io, options, () => found);
  const { fleet } = opened.base;

  const looked = await proveSwitches(io, orders, options, (site) => effectiveTls(scopesAt(fleet, site)));
  const proven = looked.filter((one) => one.kind === 'proven');
  if (looked.some(({ kind }) => kind === 'unproven')) {
    io.out(options.json ? certificatesJson(looked) : renderCertificates(looked));
    return looked.some(({ kind }) => kind === 'failed') ? 1 : 3;
  }
  const unreached = looked.flatMap((one) => (one.kind === 'failed' ? [one.error] : []));

  const outcome = await withProgress(io, async (progress): Promise<MadeAdoption> => {
    const read = await readSwitches(io, opened, proven, progress);
    const { named, refused } = nameDevices(fleet, read.switches, patterns);
    const errors = [...unreached, ...read.errors, ...refused];
    if (errors.length > 0) return { kind: 'refused', errors };
    progress.show('comparing what was written with the switches');
    const made = await makeAdoption(io, opened.log, opened.base, opened.secrets, named);
    if (made.kind === 'made') found.push(...made.adoption.secrets.values.values());
    return made;
  }).catch((error: unknown) => refuseInvalid(io, opened, options, error));

  if (outcome === 'invalid') return 1;
  if (outcome.kind === 'refused') {
    const { errors } = outcome;
    io.out(opened.redact(options.json ? notAdoptedJson({ errors }) : renderRefusal(errors, orders.length)));
    return 1;
  }
  const { adoption } = outcome;
  const written = await writeAdoption(io, opened, adoption, options);
  const text = options.json ? adoptionJson(adoption, written) : renderAdoption(adoption, written, io);
  io.out(opened.redact(text));
  return exitCodeOf(adoption.plan);
}

function refuseContradictions(options: AdoptOptions): void {
  if (options.pr && options.out !== undefined) {
    throw new UsageError({
      problem: 'both --pr and --out were given',
      next: 'Give one: files here, or a pull request.',
    });
  }
  const { platform } = options;
  if (platform === undefined || ADOPTABLE.includes(platform)) return;
  throw new UsageError({
    problem: `--platform is "${platform}"`,
    next: Object.hasOwn(drivers, platform)
      ? `Switches of this platform are configured by texts: write templates from what they run, and their host keys into device files (docs/${platform}.md).`
      : `Use one of ${ADOPTABLE.join(', ')}.`,
  });
}

/** What was worked out is no valid fleet: some limit of the files was passed. All of it is told, and nothing written. */
function refuseInvalid(io: Io, { redact }: OpenBase, { json }: AdoptOptions, error: unknown): 'invalid' {
  if (!(error instanceof FleetInvalidError)) throw error;
  const { problems } = error.details;
  const why = 'What these switches run cannot be written into this fleet as it is. Nothing was written.';
  io.out(redact(json ? notAdoptedJson({ problems }) : `${renderProblems(problems)}\n\n${why}\n`));
  return 'invalid';
}

function notAdoptedJson(why: object): string {
  return `${JSON.stringify({ adopted: false, ...why }, undefined, 2)}\n`;
}

async function readSwitches(
  io: Io,
  { base, secrets, log }: OpenBase,
  proven: readonly ProvenSwitch[],
  progress: Progress,
): Promise<{ readonly switches: readonly ReadSwitch[]; readonly errors: readonly PointsmanError[] }> {
  const targets = await Promise.all(proven.map((one) => targetOf(base.fleet, one, secrets)));
  const read = await adoptSwitches({ clock: io.clock, log, pollMilliseconds: 1_000 }, targets, io.signal, (done) =>
    progress.show(`${done} of ${targets.length} switches read`),
  );
  return {
    switches: read.flatMap((one, index) =>
      one.kind === 'found' ? [{ found: one, proven: proven[index] as ProvenSwitch }] : [],
    ),
    errors: read.flatMap((one) => (one.kind === 'failed' ? [one.error] : [])),
  };
}

/** The account for planning: what it sees is what plans will be made of. */
async function targetOf(
  fleet: Fleet,
  { order, port, tls }: ProvenSwitch,
  secrets: SecretStore,
): Promise<AdoptionTarget> {
  const scopes = scopesAt(fleet, order.site);
  const plan = planCredential(scopes) ?? applyCredential(scopes);
  if (!plan) {
    throw new UsageError({
      problem: `the fleet names no account for ${order.site}`,
      next: 'Add credentials.plan and credentials.apply to pointsman.yaml.',
    });
  }
  if (!plan.password) {
    throw new UsageError({
      problem: `the fleet's account for ${order.site}, ${plan.username}, has a private key and no password`,
      next: 'Switches are adopted through their API, which takes a password: name one in credentials.plan.',
    });
  }
  return {
    device: order.label,
    host: order.host,
    port,
    tls: {
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls.pins === undefined ? {} : { pins: tls.pins }),
      ...(tls.server_name === undefined ? {} : { serverName: tls.server_name }),
    },
    logins: [{ username: plan.username, password: await secrets.read(plan.password.secret) }],
  };
}

/** What says how a switch of a site is reached, narrowest first. */
function scopesAt(fleet: Fleet, site: string): AccessScopes {
  const known = fleet.sites.get(site)?.value;
  return [...(known ? [known] : []), fleet.settings.value];
}

/** Everything that can be in the way is looked at first, so that nothing is left half written. Secrets go first: files that name them are of no use without. */
async function writeAdoption(io: Io, opened: OpenBase, adoption: Adoption, options: AdoptOptions): Promise<Written> {
  if (!isEmpty(adoption) && !options.allowDifferences) return { kind: 'nowhere' };
  const secretsOut = options.secretsOut === undefined ? undefined : resolve(io.cwd, options.secretsOut);
  const secretFiles = secretFilesOf(opened, adoption, secretsOut, options.overwrite);
  const said = secretFiles.length === 0 || secretsOut === undefined ? {} : { secretsOut };

  const { to, base } = opened;
  if (options.out === undefined && to.kind === 'remote') {
    writeSecretFiles(secretFiles);
    return { kind: 'pull-request', ...(await openAdoption(to.deps, base, adoption, io.signal)), ...said };
  }
  const folder = options.out !== undefined || to.kind === 'remote' ? resolve(io.cwd, options.out ?? '.') : to.root;
  const { files } = adoption.files;
  refuseFilesInTheWay(folder, files, base.texts, options.overwrite);
  writeSecretFiles(secretFiles);
  writeFiles(folder, files);
  return { kind: 'files', folder, ...said };
}

/** @throws {UsageError} There are secrets, and nothing says where they should go. */
function secretFilesOf(
  { base }: OpenBase,
  { secrets: { values } }: Adoption,
  to: string | undefined,
  overwrite: boolean,
): readonly SecretFile[] {
  if (values.size === 0) return [];
  if (to === undefined) {
    throw new UsageError({
      problem: `these switches hold ${values.size} secrets, and nothing says where they should go`,
      next: 'Give --secrets-out <folder>, or a file whose name ends in .txt (for GitHub Actions) or .env, outside of every Git repository. Nothing was written.',
    });
  }
  const sources = base.fleet.settings.value.secrets.sources;
  const environment = sources.find((source) => source.kind === 'environment');
  return planSecretFiles(to, values, { prefix: environment?.prefix ?? 'POINTSMAN_SECRET_', overwrite });
}

function renderRefusal(errors: readonly PointsmanError[], asked: number): string {
  return [
    `Not adopted: ${errors.length} of ${asked} switches cannot be taken in. Nothing was written, and nothing was changed on any switch.\n`,
    ...errors.map((error) => `\n${renderErrorDocument(error.toJSON())}`),
    '\nNext: mend it, or run the command again without these switches.\n',
  ].join('');
}
