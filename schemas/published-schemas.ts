import type { Kind } from './kinds.ts';
import approvals from './published/approvals.schema.json' with { type: 'json' };
import automation from './published/automation.schema.json' with { type: 'json' };
import device from './published/device.schema.json' with { type: 'json' };
import images from './published/images.schema.json' with { type: 'json' };
import permissions from './published/permissions.schema.json' with { type: 'json' };
import request from './published/request.schema.json' with { type: 'json' };
import role from './published/role.schema.json' with { type: 'json' };
import settings from './published/settings.schema.json' with { type: 'json' };
import site from './published/site.schema.json' with { type: 'json' };
import startup from './published/startup.schema.json' with { type: 'json' };

/**
 * The schemas files are held against, as `npm run schemas` wrote them from `fleet.ts`; a test fails when they are stale. Making them
 * anew at each start would take longer than most of what a command that only reads has to do.
 */
export const published: Readonly<Record<Kind, object>> = {
  approvals,
  automation,
  device,
  images,
  permissions,
  request,
  role,
  settings,
  site,
  startup,
};
