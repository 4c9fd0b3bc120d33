/** One lab of four nodes, in which the tests follow each other: what one changes, it puts back. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Lab } from '../../../sandbox/lab/lab.ts';
import { runProcess } from '../../../sandbox/lab/run-process.ts';
import { startLab } from '../../../sandbox/lab/start-lab.ts';
import { describeInLab, flagsOf, freshFolder, on, PATIENCE, speaksSsh, sshAsPointsman } from './fixture.ts';

/** Writes down when it was called, and what ran by then. */
const SWITCH = `#!/bin/sh
echo "$1 with $(pgrep -x zebra | wc -l) zebra, $(ip -4 -br addr show dev eth0 | wc -l) addresses" >> /var/log/switch-calls
`;

vi.setConfig({ testTimeout: 150_000 });

describeInLab('a lab of two spines and two leaves', () => {
  let lab: Lab;

  beforeAll(async () => {
    const imageFiles = new Map([
      ['/usr/local/sbin/pointsman-switch', { content: SWITCH, mode: 0o755 }],
      ['/etc/sudoers.d/pointsman', { content: 'pointsman ALL=(root) NOPASSWD: /sbin/id\n', mode: 0o440 }],
      ['/sbin/id', { content: '#!/bin/sh\nexec /usr/bin/id -un\n', mode: 0o755 }],
    ]);
    const input = { spines: 2, leaves: 2, imageFiles, directory: freshFolder() };
    lab = await startLab(input, AbortSignal.timeout(150_000));
  }, 180_000);

  afterAll(() => lab?.stop());

  it('shows over SSH the host keys it pins, one for each node', async () => {
    const shown = await Promise.all(
      lab.nodes.map(async ({ address }) => {
        const { stdout } = await runProcess('ssh-keyscan', ['-t', 'ed25519', address]);
        const blob = Buffer.from(stdout.trim().split(' ')[2] ?? '', 'base64');
        return `sha256:${createHash('sha256').update(blob).digest('hex')}`;
      }),
    );

    expect(shown).toEqual(lab.nodes.map(({ hostKey }) => hostKey));
    expect(new Set(shown).size).toBe(4);
  });

  it('lets pointsman log in by key, with no rights but those that the image brought', async () => {
    expect((await sshAsPointsman(lab, 'leaf01', 'id -un; hostname')).stdout).toBe('pointsman\nleaf01\n');
    expect((await sshAsPointsman(lab, 'leaf01', 'sudo -n /sbin/id')).stdout).toBe('root\n');
    expect(await sshAsPointsman(lab, 'leaf01', 'sudo -n cat /etc/frr/frr.conf')).toMatchObject({
      exitCode: 1,
      stdout: '',
    });
    expect(await sshAsPointsman(lab, 'leaf01', 'cat /etc/frr/frr.conf')).toMatchObject({ exitCode: 1, stdout: '' });
  });

  it('lets the second operator log in and become root', async () => {
    const config = `${lab.state.directory}/ssh_config`;

    expect(await runProcess('ssh', ['-F', config, 'spine02', 'hostname; sudo -n id -un'])).toMatchObject({
      exitCode: 0,
      stdout: 'spine02\nroot\n',
    });
  });

  it('gives every node a machine id and a serial of its own', async () => {
    const read = (path: string) => Promise.all(lab.nodes.map(({ name }) => on(lab, name, 'cat', path)));

    expect(new Set(await read('/etc/machine-id')).size).toBe(4);
    expect(await read('/etc/pointsman-lab/serial')).toEqual(lab.nodes.map(({ serial }) => `${serial}\n`));
    expect(new Set(lab.nodes.map(({ serial }) => serial)).size).toBe(4);
  });

  it("shows a node nothing of the machine's people", async () => {
    // vtysh leaves its history there.
    expect(await on(lab, 'leaf01', 'ls', '-A', '/root')).toBe('.history_frr\n');
    expect(await on(lab, 'leaf01', 'ls', '-A', '/home', '/usr/local/bin')).toBe(
      '/home:\nengineer\npointsman\n\n/usr/local/bin:\n',
    );
    expect(await on(lab, 'leaf01', 'ls', '/')).not.toContain('work');
    expect(await on(lab, 'leaf01', 'ls', '/etc/ssh')).toBe(
      'ssh_host_ed25519_key\nssh_host_ed25519_key.pub\nsshd_config\n',
    );
  });

  it('asks the helper of the image at the boot, before networking and FRR', async () => {
    expect(await on(lab, 'leaf02', 'cat', '/var/log/switch-calls')).toBe('boot-check with 0 zebra, 0 addresses\n');
  });

  it('hands stdin to a command and tells its exit code', async () => {
    expect(await lab.run('leaf01', ['sh', '-c', 'cat; exit 3'], 'from outside')).toEqual({
      exitCode: 3,
      stdout: 'from outside',
      stderr: '',
    });
  });

  it('tells ifupdown2 what is up already, so that it finds nothing amiss and takes down what is removed', async () => {
    expect((await lab.run('leaf01', ['ifquery', '--check', '--all'])).exitCode).toBe(0);

    await on(lab, 'leaf01', 'sed', '-i', '/swp52/d', '/etc/network/interfaces');
    await on(lab, 'leaf01', 'ifreload', '-a');
    expect(await flagsOf(lab, 'leaf01', 'swp52')).not.toContain('UP');

    await on(lab, 'leaf01', 'cp', '/etc/pointsman-lab/interfaces', '/etc/network/interfaces');
    await on(lab, 'leaf01', 'ifreload', '-a');
    expect(await flagsOf(lab, 'leaf01', 'swp52')).toContain('UP');
  });

  it('brings up a VXLAN device on a bridge by ifupdown2', async () => {
    const stanzas = ['auto vx10', 'iface vx10', '  vxlan-id 10', 'auto br10', 'iface br10', '  bridge-ports vx10'];
    await lab.run('leaf02', ['tee', '/etc/network/interfaces.d/vx.intf'], `${stanzas.join('\n')}\n`);

    await on(lab, 'leaf02', 'ifreload', '-a');

    expect((await lab.run('leaf02', ['ifquery', '--check', 'vx10', 'br10'])).exitCode).toBe(0);
    expect(await flagsOf(lab, 'leaf02', 'br10')).toContain('LOWER_UP');
    await on(lab, 'leaf02', 'rm', '/etc/network/interfaces.d/vx.intf');
    await on(lab, 'leaf02', 'ifreload', '-a');
    expect((await lab.run('leaf02', ['ip', 'link', 'show', 'dev', 'vx10'])).exitCode).toBe(1);
  });

  it('names the neighbours by LLDP as they are cabled', async () => {
    for (const { name, links } of lab.nodes) {
      const expected = links.map(({ port, peer, peerPort }) => `${port} ${peer} ${peerPort}`);
      await expect.poll(() => neighboursOf(lab, name), PATIENCE).toEqual(expected);
    }
  });

  it('routes by BGP unnumbered, over both spines', async () => {
    for (const [index, { name, links }] of lab.nodes.entries()) await configureBgp(lab, name, index, links);

    for (const { name, links } of lab.nodes) {
      await expect.poll(() => sessionsOf(lab, name), PATIENCE).toEqual(links.map(({ port }) => `${port} Established`));
    }
    // Established is not installed.
    await expect.poll(() => pathsTo(lab, 'leaf01', '10.0.0.3'), PATIENCE).toEqual(['swp51', 'swp52']);
    await expect
      .poll(() => lab.run('leaf01', ['ping', '-c1', '-W1', '-I', '10.0.0.2', '10.0.0.3']), PATIENCE)
      .toMatchObject({ exitCode: 0 });
  });

  it('routes by OSPF, watched by BFD, between numbered ports', async () => {
    await configureOspf(lab, 'leaf01', 'swp51', '10.1.0.0/31', '10.2.0.1/32');
    await configureOspf(lab, 'spine01', 'swp1', '10.1.0.1/31', '10.2.0.2/32');

    await expect
      .poll(async () => JSON.parse(await on(lab, 'leaf01', 'vtysh', '-c', 'show bfd peers json')), PATIENCE)
      .toMatchObject([{ peer: '10.1.0.1', status: 'up' }]);
    await expect.poll(() => pathsTo(lab, 'leaf01', '10.2.0.2'), PATIENCE).toEqual(['swp51']);
    await expect
      .poll(() => lab.run('leaf01', ['ping', '-c1', '-W1', '-I', '10.2.0.1', '10.2.0.2']), PATIENCE)
      .toMatchObject({ exitCode: 0 });

    for (const name of ['leaf01', 'spine01']) {
      await on(lab, name, '/usr/lib/frr/frr-reload.py', '--reload', '/etc/frr/frr.conf');
    }
  });

  it('takes the carrier from both ports of a cut cable, which stay up, and lets routing find out', async () => {
    await lab.faults.cut('leaf01', 'spine01');

    expect(await flagsOf(lab, 'leaf01', 'swp51')).toEqual(expect.arrayContaining(['UP', 'NO-CARRIER']));
    expect(await flagsOf(lab, 'spine01', 'swp1')).toEqual(expect.arrayContaining(['UP', 'NO-CARRIER']));
    await expect.poll(() => pathsTo(lab, 'leaf01', '10.0.0.3'), PATIENCE).toEqual(['swp52']);
    expect((await lab.faults.active()).cut.map(({ a, b }) => [a, b])).toEqual([
      [
        { node: 'leaf01', port: 'swp51' },
        { node: 'spine01', port: 'swp1' },
      ],
    ]);

    await lab.faults.join('spine01', 'leaf01');

    await expect.poll(() => sessionsOf(lab, 'leaf01'), PATIENCE).toEqual(['swp51 Established', 'swp52 Established']);
    expect((await lab.faults.active()).cut).toEqual([]);
  });

  it('leaves the carrier of a cable alone that is joined and was not cut', async () => {
    const changes = async () => [
      await on(lab, 'leaf01', 'cat', '/sys/class/net/swp51/carrier_changes'),
      await on(lab, 'spine01', 'cat', '/sys/class/net/swp1/carrier_changes'),
    ];
    const before = await changes();

    await lab.faults.join('leaf01', 'spine01');

    expect(await changes()).toEqual(before);
  });

  it('stops and starts its SSH server as a box with systemd does', async () => {
    const after = async (verb: string) => {
      await on(lab, 'leaf01', 'systemctl', verb, 'ssh');
      return (await lab.run('leaf01', ['systemctl', 'is-active', 'ssh'])).stdout;
    };

    expect([await after('stop'), await after('start')]).toEqual(['inactive\n', 'active\n']);
  });

  it('takes the carrier from the port whose other end is set down, and gives it back', async () => {
    await on(lab, 'leaf02', 'ip', 'link', 'set', 'dev', 'swp52', 'down');
    await expect.poll(() => flagsOf(lab, 'spine02', 'swp2'), PATIENCE).toContain('NO-CARRIER');
    expect(await flagsOf(lab, 'spine02', 'swp2')).toContain('UP');

    await on(lab, 'spine02', 'ip', 'link', 'set', 'dev', 'swp2', 'down');
    await on(lab, 'leaf02', 'ip', 'link', 'set', 'dev', 'swp52', 'up');
    await expect.poll(() => flagsOf(lab, 'leaf02', 'swp52'), PATIENCE).toContain('NO-CARRIER');

    await on(lab, 'spine02', 'ip', 'link', 'set', 'dev', 'swp2', 'up');
    await expect.poll(() => flagsOf(lab, 'leaf02', 'swp52'), PATIENCE).toContain('LOWER_UP');
    await expect.poll(() => flagsOf(lab, 'spine02', 'swp2'), PATIENCE).toContain('LOWER_UP');
    await expect.poll(() => sessionsOf(lab, 'leaf02'), PATIENCE).toEqual(['swp51 Established', 'swp52 Established']);
  });

  it('cuts off the management of a node in a blackhole and nothing else, until it is healed', async () => {
    const { address } = nodeNamed(lab, 'leaf02');
    await lab.faults.blackhole('leaf02');

    expect(await speaksSsh(address)).toBe(false);
    expect(await speaksSsh(nodeNamed(lab, 'leaf01').address)).toBe(true);
    expect(await flagsOf(lab, 'leaf02', 'eth0')).toContain('LOWER_UP');
    expect(await sessionsOf(lab, 'leaf02')).toEqual(['swp51 Established', 'swp52 Established']);
    expect((await lab.faults.active()).dark).toEqual(['leaf02']);

    await lab.faults.heal('leaf02');
    await lab.faults.heal('leaf02');

    await expect.poll(() => speaksSsh(address), PATIENCE).toBe(true);
    expect((await lab.faults.active()).dark).toEqual([]);
  });

  it('has a killed daemon brought back by watchfrr', async () => {
    const before = await on(lab, 'spine01', 'pgrep', '-x', 'bgpd');
    await lab.faults.kill('spine01', 'bgpd');

    await expect
      .poll(async () => (await lab.run('spine01', ['pgrep', '-x', 'bgpd'])).stdout || before, PATIENCE)
      .not.toBe(before);
  });

  it('refuses faults of what is not there', async () => {
    await expect(lab.faults.cut('leaf01', 'leaf02')).rejects.toMatchObject({ code: 'SANDBOX_LAB_REFUSED' });
    await expect(lab.faults.blackhole('leaf09')).rejects.toMatchObject({ code: 'SANDBOX_LAB_REFUSED' });
    await expect(lab.faults.kill('leaf01', 'ripd')).rejects.toMatchObject({ code: 'SANDBOX_LAB_REFUSED' });
    await expect(lab.run('leaf09', ['true'])).rejects.toMatchObject({ code: 'SANDBOX_LAB_REFUSED' });
  });

  it('answers for systemd about FRR, and reloads it from its file', async () => {
    expect(await on(lab, 'spine02', 'systemctl', 'is-active', 'frr')).toBe('active\n');

    await on(lab, 'spine02', 'vtysh', '-c', 'conf t', '-c', 'ip route 192.0.2.0/24 blackhole');
    await on(lab, 'spine02', 'systemctl', 'reload', 'frr');

    expect(await on(lab, 'spine02', 'vtysh', '-c', 'show running-config')).not.toContain('192.0.2.0/24');
    expect(await lab.run('spine02', ['systemctl', 'is-active', 'ntp'])).toMatchObject({
      exitCode: 3,
      stdout: 'inactive\n',
    });
  });

  it('keeps the disk over a power cut and loses everything else', async () => {
    await on(lab, 'leaf01', 'vtysh', '-c', 'conf t', '-c', 'ip route 192.0.2.0/24 blackhole');
    await on(
      lab,
      'leaf01',
      'sh',
      '-c',
      'touch /run/in-memory /tmp/in-memory; ip address add 192.0.2.1/32 dev lo; nft add table t',
    );
    const macs = await on(lab, 'leaf01', 'cat', '/sys/class/net/swp51/address', '/sys/class/net/eth0/address');
    const index = await on(lab, 'spine01', 'cat', '/sys/class/net/swp1/ifindex');
    await lab.faults.cut('leaf01', 'spine02');

    await lab.reboot('leaf01');

    expect(await speaksSsh(nodeNamed(lab, 'leaf01').address)).toBe(true);
    expect((await sshAsPointsman(lab, 'leaf01', 'hostname')).stdout).toBe('leaf01\n');
    expect(await on(lab, 'leaf01', 'cat', '/var/log/switch-calls')).toBe(
      'boot-check with 0 zebra, 0 addresses\n'.repeat(2),
    );
    expect(await on(lab, 'leaf01', 'ls', '-A', '/tmp')).toBe('');
    expect((await lab.run('leaf01', ['ls', '/run/in-memory'])).exitCode).toBe(2);
    expect(await on(lab, 'leaf01', 'ip', '-4', 'address', 'show', 'dev', 'lo')).not.toContain('192.0.2.1');
    expect(await on(lab, 'leaf01', 'nft', 'list', 'tables')).toBe('');
    const running = await on(lab, 'leaf01', 'vtysh', '-c', 'show running-config');
    expect(running).toContain('router bgp 65102');
    expect(running).not.toContain('192.0.2.0/24');
    expect(await on(lab, 'leaf01', 'cat', '/sys/class/net/swp51/address', '/sys/class/net/eth0/address')).toBe(macs);
    expect(await on(lab, 'spine01', 'cat', '/sys/class/net/swp1/ifindex')).toBe(index);
    await expect.poll(() => pathsTo(lab, 'leaf01', '10.0.0.3'), PATIENCE).toEqual(['swp51']);

    // What was cut before stays so.
    expect(await flagsOf(lab, 'leaf01', 'swp52')).toContain('NO-CARRIER');
    await lab.faults.join('leaf01', 'spine02');
    await expect.poll(() => sessionsOf(lab, 'leaf01'), PATIENCE).toEqual(['swp51 Established', 'swp52 Established']);
  });

  it('leaves a node without power dark to its neighbours and to commands', async () => {
    await lab.powerOff('leaf02');

    expect(lab.isOn('leaf02')).toBe(false);
    expect(await flagsOf(lab, 'spine01', 'swp2')).toEqual(expect.arrayContaining(['UP', 'NO-CARRIER']));
    await expect(lab.run('leaf02', ['true'])).rejects.toMatchObject({ code: 'SANDBOX_LAB_REFUSED' });

    await lab.reboot('leaf02');

    expect(lab.isOn('leaf02')).toBe(true);
    await expect.poll(() => flagsOf(lab, 'spine01', 'swp2'), PATIENCE).toContain('LOWER_UP');
  });
});

function nodeNamed(lab: Lab, name: string): Lab['nodes'][number] {
  const node = lab.nodes.find((one) => one.name === name);
  if (!node) throw new Error(`no ${name}`);
  return node;
}

/** `port neighbour its-port`, sorted. */
async function neighboursOf(lab: Lab, name: string): Promise<readonly string[]> {
  const text = await on(lab, name, 'lldpcli', '-f', 'keyvalue', 'show', 'neighbors', 'ports', 'swp1,swp2,swp51,swp52');
  const value = (key: string): readonly string[] =>
    [...text.matchAll(new RegExp(`^lldp\\.(\\S+)\\.${key}=(.*)$`, 'gm'))].map((match) => `${match[1]} ${match[2]}`);
  const ports = new Map(value('port\\.ifname').map((line) => line.split(' ') as [string, string]));
  return value('chassis\\.name')
    .map((line) => `${line} ${ports.get(line.split(' ')[0] ?? '')}`)
    .sort();
}

/** AS 65100 and up, loopback 10.0.0.0 and up, in the order of the nodes. */
async function configureBgp(
  lab: Lab,
  name: string,
  index: number,
  links: Lab['nodes'][number]['links'],
): Promise<void> {
  const lines = [
    'configure terminal',
    ...['interface lo', `ip address 10.0.0.${index}/32`, 'exit'],
    `router bgp ${65_100 + index}`,
    ...['bgp bestpath as-path multipath-relax', 'no bgp ebgp-requires-policy'],
    ...links.map(({ port }) => `neighbor ${port} interface remote-as external`),
    ...['address-family ipv4 unicast', `network 10.0.0.${index}/32`, 'end', 'write'],
  ];
  await on(lab, name, 'vtysh', ...lines.flatMap((line) => ['-c', line]));
}

async function configureOspf(lab: Lab, name: string, port: string, address: string, loopback: string): Promise<void> {
  const lines = [
    ...['configure terminal', 'router ospf', 'exit'],
    ...['interface lo', `ip address ${loopback}`, 'ip ospf area 0', 'exit'],
    ...[
      `interface ${port}`,
      `ip address ${address}`,
      'ip ospf area 0',
      'ip ospf network point-to-point',
      'ip ospf bfd',
    ],
  ];
  await on(lab, name, 'vtysh', ...lines.flatMap((line) => ['-c', line]));
}

async function sessionsOf(lab: Lab, name: string): Promise<readonly string[]> {
  const summary = JSON.parse(await on(lab, name, 'vtysh', '-c', 'show bgp ipv4 unicast summary json'));
  return Object.entries<{ readonly state: string }>(summary.peers ?? {})
    .map(([port, { state }]) => `${port} ${state}`)
    .sort();
}

/** Ports that an installed route leaves by, sorted. */
async function pathsTo(lab: Lab, name: string, address: string): Promise<readonly string[]> {
  const routes = JSON.parse(await on(lab, name, 'ip', '-json', 'route', 'show', address));
  return routes
    .flatMap(({ dev, nexthops = [] }: { dev?: string; nexthops?: readonly { dev: string }[] }) => [
      ...(dev === undefined ? [] : [dev]),
      ...nexthops.map((hop) => hop.dev),
    ])
    .sort();
}
