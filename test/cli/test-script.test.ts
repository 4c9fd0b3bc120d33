import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Ended, root, runChild, scratchFolder } from './run.ts';

/** What `npm test` runs, over a folder that holds one file of tests. */
function runTests(tests: string): Promise<Ended> {
  const folder = scratchFolder();
  writeFileSync(join(folder, 'some.test.mjs'), tests);
  // What vitest tells its own workers must not reach another vitest.
  const environment = { PATH: process.env['PATH'] ?? '', HOME: folder };
  return runChild(process.execPath, [join(root, 'scripts', 'test.ts'), '--root', folder, '--globals'], { environment });
}

const lastLine = ({ out }: Ended): string | undefined => out.trimEnd().split('\n').at(-1);

describe('npm test', () => {
  it('ends with the counts alone on the last line, and with 0 when nothing failed', async () => {
    const ended = await runTests(`
      it('one', () => {});
      it('two', () => {});
      it.skip('three', () => {});
      it.todo('four');
    `);

    expect(lastLine(ended)).toBe('2 passed, 0 failed, 2 skipped');
    expect(ended.how).toBe(0);
  });

  it('counts what failed, and ends with 1', async () => {
    const ended = await runTests(`
      it('one', () => {});
      it('two', () => { throw new Error('no'); });
    `);

    expect(lastLine(ended)).toBe('1 passed, 1 failed, 0 skipped');
    expect(ended.how).toBe(1);
  });

  it('ends with 1 when a file of tests cannot be read at all, though no test failed', async () => {
    const ended = await runTests(`import './not-there.mjs';`);

    expect(lastLine(ended)).toBe('0 passed, 0 failed, 0 skipped');
    expect(ended.how).toBe(1);
  });

  it('ends with 1 when something goes wrong beside the tests', async () => {
    const ended = await runTests(`
      it('one', () => { setTimeout(() => { throw new Error('late'); }); });
      it('two', () => new Promise((resolve) => setTimeout(resolve, 50)));
    `);

    expect(lastLine(ended)).toBe('2 passed, 0 failed, 0 skipped');
    expect(ended.how).toBe(1);
  });
});
