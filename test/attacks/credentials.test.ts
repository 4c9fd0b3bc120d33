import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createJourney, type Journey } from '../support/journey.ts';

let journey: Journey;
afterEach(() => journey.close());

describe('a pointsman.yaml that is merged', () => {
  it('cannot have our token sent to another server', async () => {
    journey = await createJourney();
    const heard: string[] = [];
    const server = createServer((request, response) => {
      heard.push(String(request.headers.authorization));
      response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const text = journey.world.files.get('pointsman.yaml') ?? '';
    const elsewhere = text.replace(/api: .*$/m, `api: http://127.0.0.1:${port}/api/v3`);
    await journey.world.github.as('ada').push('main', { 'pointsman.yaml': elsewhere }, 'Move');

    const passed = await journey.reconcile();
    server.close();

    expect(elsewhere).not.toBe(text);
    expect(heard).toEqual([]);
    expect(passed.code).toBe(1);
    expect(passed.said).toContain('CLI_USAGE');
  });

  it('cannot have reviews and rights read from another repository', async () => {
    journey = await createJourney();
    const text = journey.world.files.get('pointsman.yaml') ?? '';
    const elsewhere = text.replace('repository: acme/fleet', 'repository: evil/fleet');
    await journey.world.github.as('ada').push('main', { 'pointsman.yaml': elsewhere }, 'Move');
    const before = journey.world.github.requests().length;

    const passed = await journey.reconcile();

    expect(elsewhere).not.toBe(text);
    expect(passed.code).toBe(1);
    expect(JSON.stringify(journey.world.github.requests().slice(before))).not.toContain('evil/fleet');
  });
});
