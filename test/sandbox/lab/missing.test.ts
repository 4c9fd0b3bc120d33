import { describe, expect, it } from 'vitest';
import { decideMissing } from '../../../sandbox/lab/missing.ts';

const GOOD = { platform: 'linux', root: true, absentPackages: [], trial: { exitCode: 0, said: '' } } as const;

describe('decideMissing()', () => {
  it('misses nothing where packages, rights and kernel are there', () => {
    expect(decideMissing(GOOD)).toEqual([]);
  });

  it('names every absent package and the command that installs them', () => {
    const [said, ...more] = decideMissing({ ...GOOD, absentPackages: ['frr', 'lldpd'] });

    expect(said).toContain('frr, lldpd');
    expect(said).toContain('sudo scripts/install-lab.sh');
    expect(said).toContain('apt-get install --no-install-recommends frr lldpd');
    expect(more).toEqual([]);
  });

  it('says that root is needed beside what else is missing', () => {
    const said = decideMissing({ platform: 'linux', root: false, absentPackages: ['frr'] });

    expect(said).toHaveLength(2);
    expect(said[1]).toContain('root');
  });

  it('says nothing but the platform where there is no Linux', () => {
    expect(decideMissing({ platform: 'darwin', root: false, absentPackages: ['frr'] })).toEqual([
      'A lab needs Linux; this is darwin.',
    ]);
  });

  it.each([
    [11, 'CONFIG_VETH'],
    [14, 'CONFIG_OVERLAY_FS'],
    [1, 'Namespaces cannot be made'],
    [null, 'Namespaces cannot be made'],
  ])('says what the kernel could not make when the trial ended with %s', (exitCode, words) => {
    const [said] = decideMissing({ ...GOOD, trial: { exitCode, said: 'Operation not supported' } });

    expect(said).toContain(words);
    expect(said).toContain('Operation not supported');
  });
});
