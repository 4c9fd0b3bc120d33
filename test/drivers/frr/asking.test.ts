/** How often a node is asked what it takes long to answer. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Session } from '../../../drivers/driver.ts';
import { never } from '../lab.ts';
import { sharedNode, stopSharedNode } from './bench.ts';
import { BASE_CONF, confTree, type FrrNode, missing } from './node.ts';

const intended = confTree(`${BASE_CONF}ip route 10.77.0.0/16 blackhole\n`);
const BY_HAND = "vtysh -c 'configure terminal' -c 'ip route 10.88.0.0/16 blackhole'";
const UNDONE = BY_HAND.replace('ip route', 'no ip route');

/** Notes how it is called; does what a test left in /tmp/afterwards before anybody hears the answer; is slow to reload. */
const NOTING = `#!/bin/sh
echo "$1" >> /var/log/reload.log
[ "$1" = --reload ] && sleep 3
/usr/lib/frr/frr-reload.real "$@"
code=$?
[ -f /tmp/afterwards ] && sh /tmp/afterwards >/dev/null 2>&1 && rm /tmp/afterwards
exit $code
`;
/** Notes that it is started. */
const NOTED_VTYSH = `cd /usr/bin; [ -f vtysh.real ] || mv vtysh vtysh.real
printf '#!/bin/sh\\necho "$*" >> /var/log/vtysh.log\\nexec /usr/bin/vtysh.real "$@"\\n' > vtysh; chmod 755 vtysh`;
const INSTALL = `cd /usr/lib/frr; [ -f frr-reload.real ] || mv frr-reload.py frr-reload.real
cat > frr-reload.py; chmod 755 frr-reload.py`;

describe.skipIf(missing.length > 0)('what a switch with FRR is asked', () => {
  let node: FrrNode;
  let session: Session;

  beforeEach(async () => {
    node = await sharedNode();
    await node.reset();
    await node.sh(INSTALL, NOTING);
    session = await node.open();
    await session.read(never);
    await node.sh(': > /var/log/reload.log');
  });
  afterAll(stopSharedNode);

  const respell = async () => session.respell?.(intended, await session.read(never), never);
  const accounts = async () => Number(await node.sh('grep -c -e --test /var/log/reload.log; true'));

  it('is asked once for an account of the same text beside the same running configuration', async () => {
    const first = await respell();
    const again = await respell();

    expect(again).toEqual(first);
    expect(await accounts()).toBe(1);
  });

  it('starts vtysh once for a look that finds nothing new', async () => {
    await node.sh(NOTED_VTYSH);
    // Whoever asks first is told what it said when we met, before it had this vtysh.
    await session.identify(never);
    const look = async () => [await session.identify(never), await respell()];
    const first = await look();
    await node.sh(': > /var/log/vtysh.log');

    expect(await look()).toEqual(first);
    expect((await node.sh('cat /var/log/vtysh.log')).trim().split('\n')).toHaveLength(1);
    await node.sh('mv /usr/bin/vtysh.real /usr/bin/vtysh');
  });

  it('is asked again when somebody changed it', async () => {
    await respell();
    await node.sh(BY_HAND);
    const before = await accounts();

    expect(JSON.stringify(await respell())).not.toContain('10.88.0.0');
    expect(await accounts()).toBeGreaterThan(before);
  });

  it('is not taken at a word it gave while somebody changed it', async () => {
    await node.sh('cat > /tmp/afterwards', BY_HAND);
    await respell();
    await node.sh(UNDONE);
    const before = await accounts();
    await respell();

    expect(await accounts()).toBe(before + 1);
  });

  it('is asked again when its tool is another one', async () => {
    await respell();
    await node.sh('touch /usr/lib/frr/frr-reload.py');
    const before = await accounts();
    await respell();

    expect(await accounts()).toBeGreaterThan(before);
  });

  it('waits by itself for the end of what is under way', async () => {
    const { candidate } = await session.stage(intended, [], never);
    await node.sh(': > /var/log/sudo.log');
    await session.commit(candidate, 60, never);

    expect(Number(await node.sh("grep -c 'pointsman-switch state' /var/log/sudo.log; true"))).toBeLessThanOrEqual(3);
    await session.discard(candidate, never);
  });

  it('is asked for the account of a reload once, until it is confirmed and saved', async () => {
    const { candidate } = await session.stage(intended, [], never);
    await session.commit(candidate, 60, never);
    const before = await accounts();
    await session.confirm(candidate, never);
    await session.save(never);

    expect(await respell()).toEqual((await session.read(never)).tree);
    expect(await accounts()).toBe(before);
  });

  it('does not ask for an account of a text that says what runs line for line', async () => {
    await session.commit((await session.stage(intended, [], never)).candidate, 60, never);
    await node.sh(': > /var/log/reload.log; rm -r /run/pointsman/accounts');

    expect(await respell()).toEqual((await session.read(never)).tree);
    expect(await accounts()).toBe(0);
  });

  it.each([
    {
      what: 'one in another section',
      edit: 's/^ neighbor swp51 interface remote-as external$//; s/^exit$/ neighbor swp51 interface remote-as external\\nexit/',
    },
    {
      what: 'one behind its section',
      edit: 's/^ exit-address-family$//; s/^ address-family .*/&\\n exit-address-family/',
    },
    { what: 'without one', edit: '/^ip route/d' },
    { what: 'with one more', edit: 's/^ip route.*/&\\nip route 10.99.0.0\\/16 blackhole/' },
  ])('asks for one of a file with the same lines, $what', async ({ edit }) => {
    const { candidate } = await session.stage(intended, [], never);
    await session.commit(candidate, 60, never);
    await session.confirm(candidate, never);
    await node.sh(`sed -i '${edit}' /etc/frr/frr.conf; : > /var/log/reload.log; rm -r /run/pointsman/accounts`);

    await session.read(never);

    expect(await accounts()).toBe(1);
  });

  it('is asked for each thing once in a deploy', async () => {
    await node.sh(': > /var/log/sudo.log');
    const fresh = await node.open();
    await fresh.identify(never);
    const running = await fresh.read(never);
    await fresh.respell?.(intended, running, never);
    const { candidate } = await fresh.stage(intended, running.candidates, never);
    await fresh.health(never);
    await fresh.commit(candidate, 60, never);
    const proving = await node.open();
    await proving.state(candidate, never);
    await proving.confirm(candidate, never);
    await proving.save(never);
    await proving.state(candidate, never);

    const words = [...(await node.sh('cat /var/log/sudo.log')).matchAll(/pointsman-switch (\w+)/g)].map(
      ([, word]) => word,
    );
    const first = ['identify', 'read', 'try', 'stage', 'health', 'apply'];
    expect(words).toEqual([...first, 'identify', 'state', 'confirm']);
  });
});
