/** One node on which things go wrong, for real. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Session } from '../../../drivers/driver.ts';
import { never } from '../lab.ts';
import { sharedNode, startApply, stopSharedNode, until } from './bench.ts';
import { BASE_CONF, confTree, type FrrNode, interfacesTree, missing } from './node.ts';

const ROUTE = 'ip route 10.77.0.0/16 blackhole';
const intended = confTree(`${BASE_CONF}${ROUTE}\n`);
const LOCKED = `#!/bin/sh
[ "$2" = 'configure terminal' ] && { echo 'VTY configuration is locked by other VTY'; exit 1; }
exec /usr/bin/vtysh.real "$@"
`;

describe.skipIf(missing.length > 0)('a switch with FRR on a bad day', () => {
  let node: FrrNode;
  let session: Session;

  beforeEach(async () => {
    node = await sharedNode();
    await node.reset();
    session = await node.open();
  });
  afterAll(stopSharedNode);

  const stage = async (tree = intended) => (await session.stage(tree, [], never)).candidate;
  const runs = async () => (await node.sh("vtysh -c 'show running-config'")).includes(ROUTE);
  const bootsInto = async () => (await node.sh('cat /etc/frr/frr.conf')).includes(ROUTE);
  const stateOf = (candidate: string) => session.state(candidate, never);

  it('goes back when nobody confirms in time, though nobody is connected', async () => {
    const candidate = await stage();
    await session.commit(candidate, 15, never);
    expect(await runs()).toBe(true);
    await session.close();

    await until(node, `[ -e /var/lib/pointsman/${candidate}/state.expired ]`);

    expect(await runs()).toBe(false);
    expect(await (await node.open()).state(candidate, never)).toMatchObject({ kind: 'reverted', unconfirmed: true });
  });

  it('does not take a yes that comes too late', async () => {
    const candidate = await stage();
    await session.commit(candidate, 300, never);
    await node.sh(`pkill -KILL -f '[p]ointsman-switch deadman'; echo 1 > /var/lib/pointsman/${candidate}/deadline`);

    expect((await session.confirm(candidate, never)).kind).not.toBe('live');
    expect(await bootsInto()).toBe(false);
  });

  it('is taken back although the process that waits was killed: whoever looks next sees to it', async () => {
    const candidate = await stage();
    await session.commit(candidate, 300, never);
    await node.sh(`pkill -KILL -f '[p]ointsman-switch deadman'; echo 1 > /var/lib/pointsman/${candidate}/deadline`);

    await stateOf(candidate);
    await until(node, `[ -e /var/lib/pointsman/${candidate}/state.expired ]`);

    expect(await runs()).toBe(false);
  });

  it('boots into the old configuration when the power fails before anybody confirms, and refuses to confirm', async () => {
    const candidate = await stage();
    await session.commit(candidate, 600, never);
    await node.lab.reboot('leaf01');

    const fresh = await node.open();

    expect(await runs()).toBe(false);
    expect(await fresh.confirm(candidate, never)).toMatchObject({ kind: 'reverted', unconfirmed: true });
    expect((await fresh.read(never)).busyWith).toBeUndefined();
  });

  it('boots into the new one when it fails afterwards', async () => {
    const candidate = await stage();
    await session.commit(candidate, 600, never);
    await session.confirm(candidate, never);
    await node.lab.reboot('leaf01');

    const fresh = await node.open();

    expect(await runs()).toBe(true);
    expect(await fresh.state(candidate, never)).toMatchObject({ kind: 'live', saved: true });
  });

  it('goes on with an apply whose connection is cut, once, and is followed from the next connection', async () => {
    const candidate = await stage();
    const committing = session.commit(candidate, 300, never);
    await until(node, `[ -e /var/lib/pointsman/${candidate}/state.applying ]`);
    await node.sh("pkill -KILL -f '[s]shd: pointsman'");

    expect(await committing).toMatchObject({ kind: 'awaiting-confirm' });
    expect(await runs()).toBe(true);
    expect((await node.sh('cat /var/log/sudo.log')).match(/pointsman-switch apply/g)).toHaveLength(1);
  });

  it('goes back although the apply is stuck', async () => {
    await node.sh(
      'mv /usr/sbin/ifreload /usr/sbin/ifreload.real; printf "#!/bin/sh\\nsleep 500\\n" > /usr/sbin/ifreload; chmod 755 /usr/sbin/ifreload',
    );
    const interfaces = await node.sh('cat /etc/network/interfaces');
    const tree = {
      ...intended,
      '/etc/network/interfaces': { 'auto lo': {}, 'iface lo inet loopback': { 'address 10.0.0.11/32': {} } },
    };
    const candidate = await stage(tree);
    await startApply(node, session, candidate);
    await node.sh('sleep 1; mv /usr/sbin/ifreload.real /usr/sbin/ifreload');
    await node.sh(`echo 1 > /var/lib/pointsman/${candidate}/deadline`);

    await until(node, `[ -e /var/lib/pointsman/${candidate}/state.expired ]`, 60);

    expect(await node.sh('cat /etc/network/interfaces')).toBe(interfaces);
    expect(await runs()).toBe(false);
  });

  it('refuses to stage on a full disk, and leaves nothing behind', async () => {
    await node.sh('mkdir -p /var/lib/pointsman; mount -t tmpfs -o size=4k,nr_inodes=3 tmpfs /var/lib/pointsman');
    try {
      await expect(session.stage(intended, [], never)).rejects.toMatchObject({ code: 'DRIVER_HELPER_FAILED' });
      expect((await session.read(never)).candidates).toEqual([]);
    } finally {
      await node.sh('umount /var/lib/pointsman');
    }
    expect(await runs()).toBe(false);
  });

  it('leaves no configuration lying there when whoever asked does not listen any more', async () => {
    await node.sh('/usr/local/sbin/pointsman-switch read | head -c 1');

    expect(await node.sh('ls /run/pointsman')).not.toContain('scratch');
  });

  it('does not apply over what somebody did by hand after it was staged', async () => {
    const candidate = await stage();
    await node.sh("vtysh -c 'configure terminal' -c 'ip route 10.78.0.0/16 blackhole'");

    await expect(session.commit(candidate, 300, never)).rejects.toMatchObject({ code: 'DRIVER_CANDIDATE_CHANGED' });
    expect(await runs()).toBe(false);
  });

  it('does not apply while somebody holds the configuration lock', async () => {
    const candidate = await stage();
    // Only other releases have one; this is what they say.
    await node.sh(`mv /usr/bin/vtysh /usr/bin/vtysh.real; cat > /usr/bin/vtysh; chmod 755 /usr/bin/vtysh`, LOCKED);
    try {
      await expect(session.commit(candidate, 300, never)).rejects.toMatchObject({
        code: 'DRIVER_BUSY',
        details: { candidate: 'vtysh' },
      });
    } finally {
      await node.sh('mv /usr/bin/vtysh.real /usr/bin/vtysh');
    }
    expect(await stateOf(candidate)).toEqual({ kind: 'staged' });
  });

  it('does not take a dead daemon for a configuration that somebody removed', async () => {
    await node.sh('pkill -KILL -x watchfrr; pkill -KILL -x bgpd');

    await expect(session.read(never)).rejects.toMatchObject({ code: 'DRIVER_AGENT_DOWN', disposition: 'retry-later' });
  });

  it('ends as it was when bgpd is killed during the reload', async () => {
    const tree = confTree(BASE_CONF.replace('bgp router-id 10.0.0.11', 'bgp router-id 10.0.0.99'));
    const before = (await session.read(never)).tree;
    const candidate = await stage(tree);
    await startApply(node, session, candidate);
    await node.sh('pkill -KILL -x bgpd');

    await session.discard(candidate, never);
    await until(node, "vtysh -c 'show daemons' | grep -q bgpd");
    await until(node, "vtysh -c 'show running-config' | grep -q 'router bgp'");

    expect((await session.read(never)).tree).toEqual(before);
  });

  it.each([
    {
      what: 'gives its management port another address',
      port: (stanza: string) => stanza.replace(/address .*/, 'address 192.0.2.1/24'),
    },
    {
      what: 'closes the port of sshd',
      port: (stanza: string) =>
        `${stanza}    up nft 'add table inet shut; add chain inet shut in { type filter hook input priority 0; }; add rule inet shut in tcp dport 22 drop'\n    down nft 'delete table inet shut'\n`,
    },
  ])('is reached again when a change that $what is not confirmed', async ({ port }) => {
    const before = await session.read(never);
    const text = await node.sh('cat /etc/network/interfaces');
    const candidate = await stage({
      ...intended,
      ...interfacesTree(text.replace(/iface eth0\n(?: .*\n)+/, (stanza) => port(stanza))),
    });

    const committed = session.commit(candidate, 30, never).catch((error: unknown) => error);
    await until(node, `[ -e /var/lib/pointsman/${candidate}/state.awaiting ]`);
    const whileItWaits = await node.answers();

    // Words that were under way when the port shut may still come through; nobody gets in to confirm either way.
    expect(await committed).toSatisfy(
      (end: { kind?: string; code?: string }) =>
        end.kind === 'awaiting-confirm' || end.code === 'DRIVER_CONFIRM_EXPIRED',
    );
    await until(node, `[ -e /var/lib/pointsman/${candidate}/state.expired ]`, 60);
    expect([whileItWaits, await node.answers()]).toEqual([false, true]);
    expect(await stateOf(candidate)).toMatchObject({ kind: 'reverted', unconfirmed: true });
    expect((await session.read(never)).tree).toEqual(before.tree);
    expect(await node.sh('cat /etc/network/interfaces')).toBe(text);
  });

  it.each([
    { section: 'router isis FABRIC', text: ' net 49.0001.0000.0000.0001.00', words: /isisd is not running/ },
    // Several daemons know it, and none of them says that it does not run.
    {
      section: 'key chain OSPF',
      text: ' key 1\n  key-string canary-chain',
      words: /no daemon that runs took "key chain OSPF"/,
    },
  ])('says that "$section" was taken by nobody, and goes back', async ({ section, text, words }) => {
    const tree = confTree(`${BASE_CONF}${section}\n${text}\nexit\n`);
    const before = (await session.read(never)).tree;
    const candidate = await stage(tree);

    await expect(session.commit(candidate, 300, never)).rejects.toMatchObject({
      code: 'DRIVER_APPLY_FAILED',
      details: { rolledBack: true, issues: expect.arrayContaining([expect.stringMatching(words)]) },
    });
    expect((await session.read(never)).tree).toEqual(before);
  });

  it('refuses a switch that shows another host key, before any login', async () => {
    const hostKeys = [`sha256:${'0'.repeat(64)}`];

    await expect(node.open({ hostKeys })).rejects.toMatchObject({
      code: 'DRIVER_IDENTITY_MISMATCH',
      details: { what: 'host key', foundPin: node.target.hostKeys?.[0] },
    });
  });

  it('says that the account may not run the helper as root', async () => {
    await node.sh('mv /etc/sudoers.d/pointsman /var/tmp/');
    try {
      await expect(session.read(never)).rejects.toMatchObject({
        code: 'DRIVER_NOT_PERMITTED',
        details: { username: 'pointsman', words: expect.stringMatching(/password is required/) },
      });
    } finally {
      await node.sh('mv /var/tmp/pointsman /etc/sudoers.d/');
    }
  });

  it.each([
    { what: 'is not there', script: 'rm $h', reason: /not installed/ },
    { what: 'is another one', script: 'echo "# changed" >> $h', reason: /another one/ },
  ])('refuses a switch whose helper $what', async ({ script, reason }) => {
    await node.sh(`h=/usr/local/sbin/pointsman-switch; cp -p $h /var/tmp/; ${script}`);
    try {
      await expect(node.open()).rejects.toMatchObject({
        code: 'DRIVER_HELPER_UNSUITABLE',
        details: { reason: expect.stringMatching(reason) },
      });
    } finally {
      await node.sh('mv /var/tmp/pointsman-switch /usr/local/sbin/');
    }
  });

  it('is not confused by a login shell that talks and is slow', async () => {
    await node.sh('echo "echo Welcome; echo \'@@pointsman-switch 1 leaf99#\'; sleep 1" > ~pointsman/.bashrc');
    try {
      const other = await node.open();
      expect(await other.identify(never)).toMatchObject({ hostname: 'leaf01' });
    } finally {
      await node.sh('rm ~pointsman/.bashrc');
    }
  });

  it('reads a megabyte of configuration, and descriptions that look like a prompt', async () => {
    const routes = Array.from(
      { length: 20_000 },
      (_, n) => `ip route 10.${128 + (n >> 14)}.${(n >> 6) & 255}.${(n & 63) * 4}/30 blackhole`,
    );
    await node.sh(
      'cat > /tmp/many; vtysh -f /tmp/many > /dev/null',
      `${routes.join('\n')}\ninterface swp51\n description leaf01# exit\nexit\n`,
    );

    const { tree } = await session.read(never);

    const lines = tree['/etc/frr/frr.conf'] as Record<string, object>;
    expect(Object.keys(lines).length).toBeGreaterThan(20_000);
    expect(lines['interface swp51']).toHaveProperty(['description leaf01# exit']);
  });

  it.each([
    ['state', '../../etc/passwd'],
    ['stage', '0123456789abcdef-1', '99999999999', 'x', '-', '-'],
    ['apply', '0123456789abcdef-1', '1; reboot'],
    ['discard', '0123456789abcdef-1\nx'],
    ['restore', '0123456789abcdef-1', 'live'],
    ['rm'],
    [],
  ])('has a helper that refuses words it does not know: %s %s', async (...args) => {
    const { exitCode, stdout } = await node.lab.run('leaf01', ['/usr/local/sbin/pointsman-switch', ...args]);

    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^@@pointsman-switch 1\n@error \d+\nusage /);
  });
});
