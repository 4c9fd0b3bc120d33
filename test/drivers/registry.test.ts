import { describe, expect, it } from 'vitest';
import { defaultPortFor, driverFor, drivers } from '../../drivers/registry.ts';
import { Platform } from '../../schemas/fleet.ts';

describe('driverFor()', () => {
  it('knows every platform a fleet may name', () => {
    expect(Object.keys(drivers).sort()).toEqual([...Platform.enum].sort());
    for (const [name, driver] of Object.entries(drivers)) expect(driver.platform).toBe(name);
  });

  it('knows where each listens', () => {
    expect(['cumulus', 'nvos', 'frr'].map(defaultPortFor)).toEqual([8765, 443, 22]);
  });

  it.each(['eos', 'constructor', ''])('says which platforms there are when asked for "%s"', (platform) => {
    expect(() => driverFor(platform)).toThrow(
      expect.objectContaining({
        code: 'DRIVER_PLATFORM_UNKNOWN',
        details: { platform, known: ['cumulus', 'nvos', 'frr'] },
      }),
    );
  });
});
