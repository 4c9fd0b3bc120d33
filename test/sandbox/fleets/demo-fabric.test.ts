import { verify } from 'unixcrypt';
import { describe, expect, it } from 'vitest';
import { readDemoFabric } from '../../../sandbox/demo-fabric.ts';
import { demoPasswordHashes, demoPasswords } from '../../../sandbox/fleets/demo-secrets.ts';

const fabric = readDemoFabric();
const allText = [...fabric.files.values()].join('\n');

describe('readDemoFabric()', () => {
  it('finds two spines and four leaves, each with a serial and a MAC of its own', () => {
    const { switches } = fabric;

    expect(switches.map(({ name }) => name)).toEqual(['leaf01', 'leaf02', 'leaf03', 'leaf04', 'spine01', 'spine02']);
    expect(new Set(switches.map(({ serial }) => serial)).size).toBe(6);
    expect(new Set(switches.map(({ mac }) => mac)).size).toBe(6);
    expect(new Set(switches.map(({ site }) => site))).toEqual(new Set(['ams1']));
  });

  it('cables the fabric the same from both ends', () => {
    const ends = new Set(
      fabric.switches.flatMap(({ name, neighbours }) =>
        Object.entries(neighbours).map(([port, to]) => `${name} ${port} - ${to.systemName} ${to.port}`),
      ),
    );
    const betweenSwitches = [...ends].filter((end) => !end.includes('server'));

    expect(betweenSwitches).toHaveLength(4 * 2 * 2 + 2 * 2 * 2);
    for (const end of betweenSwitches) expect(ends).toContain(end.split(' - ').reverse().join(' - '));
  });

  it('has a value for every secret the fleet names, and no other', () => {
    const named = [...allText.matchAll(/secret: ?([a-z0-9-]+\/[a-z0-9-]+)(?=[ :}\n])/g)].map((match) => match[1]);

    expect(new Set(named)).toEqual(new Set(fabric.secrets.keys()));
  });

  it('writes no secret into the fleet', () => {
    const leaked = [...fabric.secrets].filter(([, value]) => allText.includes(value)).map(([name]) => name);

    expect(leaked).toEqual([]);
  });

  it.each(Object.entries(demoPasswords))('has the hash of the password of %s', (username, password) => {
    expect(verify(password, demoPasswordHashes[username as keyof typeof demoPasswords])).toBe(true);
  });
});
