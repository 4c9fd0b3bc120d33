import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSecretStore } from '../../reconciler/secret-store.ts';

describe('createSecretStore()', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-secrets-'));
  mkdirSync(join(folder, 'vault', 'site'), { recursive: true });
  writeFileSync(join(folder, 'vault', 'site', 'bgp-password'), 'from the folder\n');
  writeFileSync(join(folder, 'outside'), 'not a secret of this fleet');
  const sources = [
    { kind: 'environment', prefix: 'FLEET_' },
    { kind: 'directory', path: join(folder, 'vault') },
  ] as const;

  it('asks the sources in their order', async () => {
    const store = createSecretStore(sources, { FLEET_SITE_BGP_PASSWORD: 'from the environment' });

    expect(await store.read('site/bgp-password')).toBe('from the environment');
  });

  it('goes on to the next one, and drops the newline a mounted file ends in', async () => {
    const store = createSecretStore(sources, {});

    expect(await store.read('site/bgp-password')).toBe('from the folder');
    expect(store.known()).toEqual(['from the folder']);
  });

  it('never leaves the folder it was given', async () => {
    await expect(createSecretStore(sources, {}).read('../outside')).rejects.toMatchObject({
      code: 'RECONCILER_SECRET_NOT_FOUND',
    });
  });

  it('says which places it asked, and no value, when nobody knows the name', async () => {
    const asking = createSecretStore(sources, { FLEET_OTHER: 'canary' }).read('site/none');

    await expect(asking).rejects.toMatchObject({
      code: 'RECONCILER_SECRET_NOT_FOUND',
      details: { name: 'site/none', asked: ['variable FLEET_SITE_NONE', expect.stringContaining('site/none')] },
    });
    await expect(asking).rejects.not.toThrow('canary');
  });
});
