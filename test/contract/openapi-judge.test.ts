import { beforeAll, describe, expect, it } from 'vitest';
import type { RestExchange } from '../../sandbox/github/exchange.ts';
import { startGithub } from '../../sandbox/github/start-github.ts';
import { createOpenapiJudge, readOpenapiExtract } from './openapi-judge.ts';
import { shapeOf } from './shape.ts';

const { judge } = createOpenapiJudge(readOpenapiExtract());

/** A list of pull requests with one in it, and a check run that was made: as the emulation answered them. */
let list: RestExchange;
let made: RestExchange;

beforeAll(async () => {
  const users = ['ana', 'pointsman[bot]'].map((login) => ({ login, role: 'write' as const }));
  const github = await startGithub({ clock: { now: () => Date.UTC(2026, 10, 20) }, repository: 'acme/fleet', users });
  await github.as('ana').push('main', { 'fleet.yaml': 'mtu: 1500\n' }, 'begin');
  const commit = await github.as('ana').push('change', { 'fleet.yaml': 'mtu: 9000\n' }, 'raise the mtu');
  await github.as('ana').openPullRequest({ title: 'Raise the MTU', head: 'change' });

  const seen: RestExchange[] = [];
  github.onExchange((exchange) => seen.push(exchange));
  const ask = async (path: string, init: RequestInit = {}): Promise<RestExchange> => {
    const headers = { authorization: `token ${github.tokenFor('pointsman[bot]')}` };
    await fetch(`${github.apiUrl}/repos/acme/fleet${path}`, { ...init, headers });
    return seen.at(-1) as RestExchange;
  };
  list = await ask('/pulls?state=open&per_page=100');
  const run = { name: 'pointsman / plan', head_sha: commit, output: { title: '1 device', summary: 'leaf-1' } };
  made = await ask('/check-runs', { method: 'POST', body: JSON.stringify(run) });
  await github.close();
});

type Fields = Readonly<Record<string, unknown>>;

function first(exchange: RestExchange): Fields {
  return (exchange.output as readonly Fields[])[0] ?? {};
}

const complaints = (exchange: RestExchange): readonly string[] =>
  judge(exchange).violations.map(({ side, at, problem }) => `${side} ${at}: ${problem}`);

describe('the judge', () => {
  it('has nothing to say against what is as GitHub describes it', () => {
    expect(complaints(list)).toEqual([]);
    expect(complaints(made)).toEqual([]);
  });

  it.each([
    { case: 'a field that is not there', change: { number: undefined }, says: "must have required property 'number'" },
    { case: 'a field of another type', change: { number: '1' }, says: '/0/number: must be integer' },
    {
      case: 'a word GitHub does not use',
      change: { author_association: 'FRIEND' },
      says: '/0/author_association: must be equal',
    },
    { case: 'nothing where there is always something', change: { title: null }, says: '/0/title: must be string' },
    {
      case: 'a time that is none',
      change: { created_at: 'yesterday' },
      says: '/0/created_at: must match format "date-time"',
    },
    { case: 'an address that is none', change: { url: 'here' }, says: '/0/url: must match format "uri"' },
    {
      case: 'a field GitHub does not have',
      change: { mergable: true },
      says: '/0/mergable: is not in the description',
    },
  ])('catches in an answer $case', ({ change, says }) => {
    const output = [{ ...first(list), ...change }];

    // Through JSON, as an answer goes: what is undefined is not there.
    const found = complaints({ ...list, output: JSON.parse(JSON.stringify(output)) });

    expect(found.join('\n')).toContain(says);
    expect(found.every((complaint) => complaint.startsWith('answer'))).toBe(true);
  });

  it('catches a field GitHub does not have wherever it is in an answer', () => {
    const { user } = first(list) as { readonly user: Fields };

    expect(complaints({ ...list, output: [{ ...first(list), user: { ...user, nick: 'ana' } }] })).toEqual([
      'answer /0/user/nick: is not in the description',
    ]);
  });

  it.each([
    { case: 'a status of another operation', change: { status: 201 }, says: 'has the status 201' },
    { case: 'a body that says nothing changed', change: { status: 304 }, says: 'is a 304 with a body' },
    {
      case: 'a refusal in words of its own',
      change: { status: 404, output: { error: 'no' } },
      says: '/error: is not in the description',
    },
    { case: 'a page instead of JSON', change: { status: 502, output: '<h1>' }, says: 'must be object' },
    { case: 'no body', change: { output: undefined }, says: 'must be array' },
  ])('catches in an answer $case', ({ change, says }) => {
    expect(complaints({ ...list, ...change }).join('\n')).toContain(says);
  });

  it('takes what GitHub does though its description does not say so, there and nowhere else', () => {
    const { head } = first(list) as { readonly head: Fields };
    const gone = { ...first(list), head: { ...head, repo: null } };

    expect(complaints({ ...list, output: [gone] })).toEqual([]);
    expect(complaints({ ...list, output: [{ ...gone, base: gone.head }] })).toEqual([
      'answer /0/base/repo: must be object',
    ]);
  });

  it('takes the refusals GitHub gives of anything, whatever is described', () => {
    const output = { message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest', status: '401' };

    expect(complaints({ ...list, status: 401, output })).toEqual([]);
    expect(complaints({ ...list, status: 304, output: undefined })).toEqual([]);
  });

  it.each([
    { case: 'a parameter GitHub does not have', query: [['sort_by', 'created']], says: 'query sort_by: is not in' },
    { case: 'a word GitHub does not know', query: [['state', 'opened']], says: 'query state: must be equal to one of' },
    { case: 'a text for a number', query: [['per_page', 'all']], says: 'query per_page: must be integer' },
  ] as const)('catches in a request $case', ({ query, says }) => {
    expect(complaints({ ...list, query }).join('\n')).toContain(`request ${says}`);
  });

  it.each([
    {
      case: 'a field GitHub does not have',
      change: { detail_url: 'https://example.com' },
      says: 'input /detail_url: is not',
    },
    {
      case: 'a field deep inside that GitHub does not have',
      change: { output: { title: 'x', summary: 'x', sumary: 'x' } },
      says: 'input /output/sumary: is not',
    },
    {
      case: 'a field GitHub needs',
      change: { head_sha: undefined },
      says: "input : must have required property 'head_sha'",
    },
    { case: 'a word GitHub does not know', change: { status: 'running' }, says: 'input /status: must be equal' },
    { case: 'a time that is none', change: { started_at: 'now' }, says: 'input /started_at: must match format' },
  ])('catches in what is sent $case', ({ change, says }) => {
    const input = JSON.parse(JSON.stringify({ ...(made.input as Fields), ...change }));

    expect(complaints({ ...made, input }).join('\n')).toContain(`request ${says}`);
  });

  it('catches what is sent to an operation that takes nothing, and nothing to one that takes something', () => {
    const { input: _, ...without } = made;

    expect(complaints({ ...list, input: {} })).toEqual(['request input: is not in the description']);
    expect(complaints(without)).toEqual(['request input: is missing']);
  });

  it('catches a number in the path that is none', () => {
    const path = `${list.path}/main`;

    expect(complaints({ ...list, path }).join('\n')).toContain('request path pull_number: must be integer');
  });

  it.each([
    { method: 'GET', path: '/repos/acme/fleet/pull' },
    { method: 'PUT', path: '/repos/acme/fleet/pulls' },
    { method: 'GET', path: '/repos/acme/fleet/pulls/' },
  ])('catches what is no operation of GitHub: $method $path', ({ method, path }) => {
    expect(complaints({ ...list, method, path }).join('\n')).toContain('is no operation of the description');
  });

  it('does not hold against a request what GitHub refused it for', () => {
    const output = {
      message: 'Validation Failed',
      errors: [{ code: 'invalid' }],
      documentation_url: 'https://docs.github.com',
    };
    const refused = { ...made, input: {}, status: 422, output };

    expect(complaints(refused)).toEqual([]);
    expect(judge(refused).requestShape).toBeUndefined();
  });

  it('tells shapes apart by what is there, not by what it says', () => {
    const other = { ...made, input: { ...(made.input as Fields), name: 'another' } };
    const more = { ...made, input: { ...(made.input as Fields), external_id: '1' } };

    expect(judge(other).requestShape).toBe(judge(made).requestShape);
    expect(judge(more).requestShape).not.toBe(judge(made).requestShape);
    expect(judge({ ...list, output: [] }).answerShape).not.toBe(judge(list).answerShape);
  });
});

describe('the judge of a small description', () => {
  const id = { id: { required: true, schema: { type: 'integer' } } };
  const words = { type: 'object', properties: { message: { type: 'string' } } };
  const answers = { 200: null, 204: null, 409: words };
  const small = createOpenapiJudge({
    source: '',
    license: '',
    operations: {
      'GET /a/{id}': { path: id, query: {}, answers },
      'GET /a/latest': { path: {}, query: { since: { required: true, schema: { type: 'string' } } }, answers },
    },
    $defs: readOpenapiExtract().$defs,
  });
  const ask = (path: string, more: Partial<RestExchange> = {}) =>
    small.judge({ method: 'GET', path, query: [], status: 204, headers: {}, ...more });

  it('takes a name that is written out before one that stands for any', () => {
    expect(ask('/a/latest', { query: [['since', 'ever']] }).violations).toEqual([]);
    expect(ask('/a/1').violations).toEqual([]);
  });

  it('misses a parameter that has to be there', () => {
    expect(ask('/a/latest').violations).toMatchObject([{ side: 'request', at: 'query since', problem: 'is missing' }]);
  });

  it('refuses a body where there is none', () => {
    expect(ask('/a/1', { output: {} }).violations).toMatchObject([
      { side: 'answer', problem: expect.stringContaining('has a body') },
    ]);
  });

  it('lets a described refusal say its status, as every refusal does, and nothing else beside', () => {
    const output = { message: 'Conflict', documentation_url: 'https://docs.github.com', status: '409' };

    expect(ask('/a/1', { status: 409, output }).violations).toEqual([]);
    expect(ask('/a/1', { status: 409, output: { ...output, why: 'x' } }).violations).toMatchObject([{ at: '/why' }]);
  });
});

describe('shapeOf()', () => {
  it('tells a field of one type from the same field of another', () => {
    expect(shapeOf({ id: 1 })).not.toBe(shapeOf({ id: '1' }));
    expect(shapeOf({ id: null })).not.toBe(shapeOf({}));
  });

  it('does not tell apart what is in another order, or there more often', () => {
    expect(shapeOf({ a: 1, b: [1, 2] })).toBe(shapeOf({ b: [3], a: 0 }));
  });
});
