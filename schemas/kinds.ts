import type { TSchema } from 'typebox';
import {
  ApprovalRules,
  type ApprovalRules as ApprovalRulesValue,
  Automation,
  type Automation as AutomationValue,
  Device,
  type Device as DeviceValue,
  Images,
  type Images as ImagesValue,
  Permissions,
  type Permissions as PermissionsValue,
  Request,
  type Request as RequestValue,
  Role,
  type Role as RoleValue,
  Settings,
  type Settings as SettingsValue,
  Site,
  type Site as SiteValue,
  Startup,
  type Startup as StartupValue,
} from './fleet.ts';

/** What each kind of file holds once it is valid. */
export interface KindValues {
  readonly settings: SettingsValue;
  readonly site: SiteValue;
  readonly role: RoleValue;
  readonly device: DeviceValue;
  readonly images: ImagesValue;
  readonly approvals: ApprovalRulesValue;
  readonly permissions: PermissionsValue;
  readonly request: RequestValue;
  readonly automation: AutomationValue;
  readonly startup: StartupValue;
}

/** The kinds of a fleet repo that have a schema. Adding one: its schema in `fleet.ts`, a line here and one above. */
export type Kind = keyof KindValues;

export const kinds: Readonly<Record<Kind, TSchema>> = {
  settings: Settings,
  site: Site,
  role: Role,
  device: Device,
  images: Images,
  approvals: ApprovalRules,
  permissions: Permissions,
  request: Request,
  automation: Automation,
  startup: Startup,
};

/** The JSON Schema editors and `schemas/published/` get. */
export function publishedSchema(kind: Kind): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:pointsman:${kind}`,
    ...JSON.parse(JSON.stringify(kinds[kind])),
  };
}
