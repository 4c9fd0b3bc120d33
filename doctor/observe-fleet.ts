import { deviceAccess } from '../desired-state/device-access.ts';
import type { Fleet, Platforms } from '../desired-state/fleet.ts';
import { loadFleet } from '../desired-state/load-fleet.ts';
import { renderDevice } from '../desired-state/render-device.ts';
import type { Forge } from '../forge/forge.ts';
import type { Repository } from '../git/repository.ts';
import { PointsmanError } from '../schemas/errors.ts';
import type { ApprovalRule } from '../schemas/fleet.ts';
import { secretsOf } from '../schemas/fleet.ts';
import type { SecretStore } from '../schemas/secret.ts';
import type { FleetFacts, RuleFacts } from './observations.ts';
import { seen } from './observe.ts';

export interface FleetDeps {
  readonly repository: Repository;
  readonly forge: Pick<Forge, 'teamMembers'>;
  readonly secrets: SecretStore;
  readonly platforms: Platforms;
}

/** What the fleet says at a commit, who could approve it, and whether its secrets have values. Values stay where they are. */
export async function readFleetFacts(deps: FleetDeps, commit: string, signal: AbortSignal): Promise<FleetFacts> {
  const loaded = await loadFleet({ repository: deps.repository, revision: commit }, { platforms: deps.platforms });
  if (loaded.kind === 'invalid') return { problems: loaded.problems.length, rules: [], missingSecrets: [] };
  const { fleet } = loaded;
  const [rules, missingSecrets, fingerprintKeyLength] = await Promise.all([
    Promise.all(fleet.approvals.rules.flatMap((rule) => ruleFacts(deps.forge, rule, signal))),
    missingOf(deps, fleet),
    lengthOf(deps.secrets, fleet.settings.value.secrets.fingerprint_key.secret),
  ]);
  return {
    problems: 0,
    rules,
    missingSecrets,
    ...(fleet.automation.drift?.some(({ policy }) => policy === 'enforce') ? { enforcing: true } : {}),
    ...(fingerprintKeyLength === undefined ? {} : { fingerprintKeyLength }),
  };
}

/** Who owns a file is only known when it changes: a rule that asks for owners alone says nothing beforehand. */
function ruleFacts(forge: FleetDeps['forge'], rule: ApprovalRule, signal: AbortSignal): readonly Promise<RuleFacts>[] {
  const { name, approvals, by } = rule;
  if (by.code_owners && !by.teams && !by.users) return [];
  const people = seen(async () => {
    const members = await Promise.all((by.teams ?? []).map((team) => forge.teamMembers(team, signal)));
    const logins = [...(by.users ?? []), ...members.flatMap((some) => [...some])];
    const distinct = new Map(logins.map((login) => [login.toLowerCase(), login]));
    return [...distinct.values()].filter((login) => !login.endsWith('[bot]'));
  });
  return [people.then((found) => ({ rule: name, approvals, people: found }))];
}

async function missingOf({ secrets, platforms }: FleetDeps, fleet: Fleet): Promise<readonly string[]> {
  const names = new Set([fleet.settings.value.secrets.fingerprint_key.secret]);
  for (const device of fleet.devices.values()) {
    const { plan, apply } = deviceAccess(fleet, device);
    const rendered = renderDevice(fleet, device, platforms);
    const inside = rendered.kind === 'rendered' ? rendered.configuration.secrets : [];
    for (const name of [...secretsOf(plan), ...secretsOf(apply), ...inside.map(({ secret }) => secret)]) {
      names.add(name);
    }
  }
  const asked = [...names].sort().map(async (name) => {
    const found = await askFor(secrets, name);
    return found.kind === 'found' ? [] : [found.why];
  });
  return (await Promise.all(asked)).flat();
}

async function lengthOf(secrets: SecretStore, name: string): Promise<number | undefined> {
  const found = await askFor(secrets, name);
  return found.kind === 'found' ? found.value.length : undefined;
}

async function askFor(
  secrets: SecretStore,
  name: string,
): Promise<{ readonly kind: 'found'; readonly value: string } | { readonly kind: 'missing'; readonly why: string }> {
  try {
    return { kind: 'found', value: await secrets.read(name) };
  } catch (error) {
    if (error instanceof PointsmanError) return { kind: 'missing', why: error.message };
    throw error;
  }
}
