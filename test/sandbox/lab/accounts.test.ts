import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderAccounts } from '../../../sandbox/lab/accounts.ts';
import { hiddenPaths } from '../../../sandbox/lab/factory-image.ts';

const PASSWD = `root:x:0:0:root:/root:/bin/bash
frr:x:103:106:Frr:/nonexistent:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
olga:x:1000:1000:Olga:/srv/olga:/bin/bash
`;
const GROUP = `root:x:0:
sudo:x:27:olga
frrvty:x:107:frr,olga
olga:x:1000:
`;

describe('renderAccounts()', () => {
  it("keeps the machine's services and none of its people", () => {
    const files = renderAccounts(PASSWD, GROUP);

    expect(files['/etc/passwd']?.content).toBe(`root:x:0:0:root:/root:/bin/bash
frr:x:103:106:Frr:/nonexistent:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
pointsman:x:1000:1000::${join('/home', 'pointsman')}:/bin/bash
engineer:x:1001:1001::${join('/home', 'engineer')}:/bin/bash
`);
    expect(files['/etc/group']?.content).toBe(`root:x:0:
sudo:x:27:
frrvty:x:107:frr
pointsman:x:1000:
engineer:x:1001:
`);
  });

  it('lets nobody in by a password', () => {
    const lines = String(renderAccounts(PASSWD, GROUP)['/etc/shadow']?.content).trim().split('\n');

    expect(lines.map((line) => line.split(':')[1])).toEqual(['*', '*', '*', '*', '*']);
  });
});

describe('hiddenPaths()', () => {
  it("hides people's folders, keys and logs, and whatever else stands in the root", () => {
    const hidden = hiddenPaths(['etc', 'home', 'root', 'srv', 'usr', 'work']);

    expect(hidden).toEqual(
      expect.arrayContaining(['/home', '/root', '/srv', '/work', '/etc/ssh', '/usr/local', '/var/log']),
    );
    expect(hidden).not.toEqual(expect.arrayContaining(['/etc']));
    expect(hidden).not.toEqual(expect.arrayContaining(['/usr']));
  });
});
