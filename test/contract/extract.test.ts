import { describe, expect, it } from 'vitest';
import { extractOperations, type OpenapiDocument } from '../../scripts/openapi/extract-operations.ts';
import { namesOperation, routesIn, routesInSources } from '../../scripts/openapi/routes-in-sources.ts';
import { toJsonSchema } from '../../scripts/openapi/to-json-schema.ts';
import { readOpenapiExtract } from './openapi-judge.ts';

const extract = readOpenapiExtract();
const operations = Object.keys(extract.operations);

describe('the extract of GitHub’s description', () => {
  it('has every operation our sources speak of; otherwise: npm run openapi', () => {
    const missing = routesInSources().filter((route) => !operations.some((name) => namesOperation(route, name)));

    expect(missing.map(({ file, method, shape }) => `${file}: ${method} ${shape}`)).toEqual([]);
  });

  it('finds enough of them for this to mean something', () => {
    const files = new Set(routesInSources().map(({ file }) => file.split('/')[0]));

    expect([...files].sort()).toEqual(['forge', 'sandbox']);
    expect(operations.length).toBeGreaterThan(40);
  });

  it('says what it was made from, and under which license it is', () => {
    expect(extract.source).toMatch(/^@octokit\/openapi@\d+\.\d+\.\d+/);
    expect(extract.license).toMatch(/^MIT/);
  });
});

describe('routesIn()', () => {
  it('finds routes through constants and in templates, and leaves comments and addresses alone', () => {
    const text = `
      const repo = '/repos/{owner}/{repo}';
      const PULLS = \`\${repo}/pulls\`;
      /** \`GET /in/a/comment\` */
      // 'GET /in/another'
      client.list('GET /user', {});
      const table = { [\`POST \${PULLS}/{pull_number}/reviews\`]: x };
      client.read(\`GET \${repo}/actions/\${name}\`);
      client.read(\`GET \${next}\`);
      client.read('POST /graphql');
    `;

    expect(routesIn(text, 'a.ts').map(({ method, shape }) => `${method} ${shape}`)).toEqual([
      'GET /user',
      'POST /repos/{}/{}/pulls/{}/reviews',
      'GET /repos/{}/{}/actions/*',
    ]);
  });

  it.each([
    { shape: '/a/{}/b', operation: 'GET /a/{name}/b', names: true },
    { shape: '/a/*', operation: 'GET /a/b', names: true },
    { shape: '/a/*', operation: 'GET /a/b/c', names: false },
    { shape: '/a/*', operation: 'GET /a/{name}', names: false },
    { shape: '/a/b', operation: 'GET /a/{name}', names: false },
    { shape: '/a', operation: 'POST /a', names: false },
  ])('takes $shape for $operation: $names', ({ shape, operation, names }) => {
    expect(namesOperation({ file: 'a.ts', method: 'GET', shape }, operation)).toBe(names);
  });
});

describe('toJsonSchema()', () => {
  it.each([
    { case: 'a type that may be null', from: { type: 'string', nullable: true }, to: { type: ['string', 'null'] } },
    {
      case: 'words that may be null',
      from: { type: 'string', enum: ['a'], nullable: true },
      to: { type: ['string', 'null'], enum: ['a', null] },
    },
    {
      case: 'alternatives that may be null',
      from: { oneOf: [{ type: 'string' }, { type: 'integer' }], nullable: true },
      to: { anyOf: [{ anyOf: [{ type: 'string' }, { type: 'integer' }] }, { type: 'null' }] },
    },
    {
      case: 'both kinds of alternatives at once',
      from: { anyOf: [{ type: 'string' }], oneOf: [{ type: 'integer' }] },
      to: { anyOf: [{ type: 'string' }], allOf: [{ anyOf: [{ type: 'integer' }] }] },
    },
    {
      case: 'fields that are named as keywords are',
      from: { type: 'object', description: 'x', properties: { description: { type: 'string', example: 'x' } } },
      to: { type: 'object', properties: { description: { type: 'string' } } },
    },
    {
      case: 'an address that may be empty',
      from: { type: 'string', format: 'uri', default: '' },
      to: { anyOf: [{ type: 'string', format: 'uri' }, { const: '' }] },
    },
    { case: 'a reference', from: { $ref: '#/components/schemas/a' }, to: { $ref: '#/$defs/a' } },
  ])('converts $case', ({ from, to }) => {
    expect(toJsonSchema(from)).toEqual(to);
  });
});

it('extractOperations() takes along all that is referred to, over several steps, and nothing else', () => {
  const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  const json = (schema: object) => ({ content: { 'application/json': { schema } } });
  const generic = ['basic-error', 'validation-error', 'validation-error-simple'];
  const document = {
    info: { version: '1' },
    paths: {
      '/a/{id}': {
        get: {
          parameters: [{ $ref: '#/components/parameters/id' }],
          responses: { 200: json(ref('b')), 404: { $ref: '#/components/responses/gone' }, 204: {} },
        },
      },
      '/other': { get: { responses: { 200: json(ref('d')) } } },
    },
    components: {
      schemas: {
        ...Object.fromEntries(generic.map((name) => [name, { type: 'object' }])),
        b: { type: 'array', items: ref('c') },
        c: { type: 'string' },
        d: { type: 'string' },
      },
      parameters: { id: { name: 'id', in: 'path', required: true, schema: { type: 'integer' } } },
      responses: { gone: json(ref('basic-error')) },
    },
  } as unknown as OpenapiDocument;

  const made = extractOperations(document, [{ file: 'a.ts', method: 'GET', shape: '/a/{}' }], {
    source: 's',
    license: 'l',
  });

  expect(Object.keys(made.$defs)).toEqual(['b', 'basic-error', 'c', 'validation-error', 'validation-error-simple']);
  expect(made.operations).toEqual({
    'GET /a/{id}': {
      path: { id: { required: true, schema: { type: 'integer' } } },
      query: {},
      answers: { 200: { $ref: '#/$defs/b' }, 204: null, 404: { $ref: '#/$defs/basic-error' } },
    },
  });
});
