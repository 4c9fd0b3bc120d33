import { describe, expect, it } from 'vitest';
import { playStorm } from '../support/storm.ts';

describe('a storm of webhooks, with the service killed and started again in the middle', () => {
  it('leaves no merge unprocessed, does nothing twice, and costs few passes', async () => {
    const report = await playStorm({ webhooks: 200, overMilliseconds: 5_000, mergeAt: [0.2, 0.47] });

    expect(report).toMatchObject({ sent: 200, killed: 'SIGKILL', ended: 0, unprocessed: [] });
    expect(Object.keys(report.answers).sort()).toEqual(expect.arrayContaining(['202', 'none']));
    expect(report.passes).toBeLessThan(20);
  }, 300_000);
});
