import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readOrder, SECRET_INPUTS } from '../../cli/action/read-order.ts';
import { metadata } from './step.ts';
import { jobsOf, root, workflows } from './workflow-files.ts';

/**
 * What GitHub takes for the metadata of a JavaScript action.
 * Source: GitHub Docs, "Metadata syntax reference"; SchemaStore, `github-action.json`.
 */
const SCHEMA = {
  type: 'object',
  required: ['name', 'description', 'runs'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', minLength: 1 },
    author: { type: 'string' },
    description: { type: 'string', minLength: 1 },
    inputs: {
      type: 'object',
      propertyNames: { pattern: '^[_a-zA-Z][a-zA-Z0-9_-]*$' },
      additionalProperties: {
        type: 'object',
        required: ['description'],
        additionalProperties: false,
        properties: {
          description: { type: 'string', minLength: 1 },
          deprecationMessage: { type: 'string' },
          required: { type: 'boolean' },
          default: { type: ['string', 'boolean', 'number'] },
        },
      },
    },
    outputs: {
      type: 'object',
      propertyNames: { pattern: '^[_a-zA-Z][a-zA-Z0-9_-]*$' },
      additionalProperties: {
        type: 'object',
        required: ['description'],
        additionalProperties: false,
        properties: { description: { type: 'string', minLength: 1 } },
      },
    },
    runs: {
      type: 'object',
      required: ['using', 'main'],
      additionalProperties: false,
      properties: { using: { enum: ['node20', 'node24'] }, main: { type: 'string' } },
    },
    branding: {
      type: 'object',
      additionalProperties: false,
      properties: {
        icon: { type: 'string' },
        color: { enum: ['white', 'black', 'yellow', 'blue', 'green', 'orange', 'red', 'purple', 'gray-dark'] },
      },
    },
  },
} as const;

const text = readFileSync(join(root, 'action.yml'), 'utf8');

describe('action.yml', () => {
  it('is what GitHub takes', () => {
    const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(SCHEMA);

    validate(parse(text));

    expect(validate.errors).toBe(null);
  });

  it('declares every input that is read, and none that is not', () => {
    const asked = new Set<string>();
    for (const command of ['plan', 'reconcile', 'validate', 'matrix', 'alive']) {
      const input = (name: string): string => {
        asked.add(name);
        return { command, 'pull-request': '7', 'app-id': '1', 'schedule-within': '90m' }[name] ?? '';
      };
      const environment = { GITHUB_WORKFLOW_REF: 'acme/fleet/.github/workflows/pointsman.yml@refs/heads/main' };
      readOrder({ input, environment }, undefined);
    }

    expect([...asked].sort()).toEqual(Object.keys(metadata.inputs).sort());
    expect(SECRET_INPUTS.filter((name) => !asked.has(name))).toEqual([]);
  });

  it('declares every output that is written, and none that is not', () => {
    const written = ['show-plan', 'show-pass', 'show-invalid', 'read-answer', 'run-action'].flatMap((name) => {
      const source = readFileSync(join(root, 'cli', 'action', `${name}.ts`), 'utf8');
      const literals = [...source.matchAll(/outputs: \{([^}]+)\}/g)].map((match) => match[1] ?? '');
      return literals.flatMap((literal) =>
        [...literal.matchAll(/(?:^|[\s,])([a-z]+)(?=[:,\s])/g)].map((match) => match[1]),
      );
    });

    expect([...new Set([...written, 'verdict', 'exit-code'])].sort()).toEqual(Object.keys(metadata.outputs).sort());
  });

  it('is given only inputs it has, by every workflow that uses it', () => {
    const unknown = jobsOf(workflows).flatMap(([name, job]) =>
      (job.steps ?? [])
        .filter((step) => /\/pointsman@/.test(step.uses ?? ''))
        .flatMap((step) => Object.keys(step.with ?? {}))
        .filter((input) => !(input in metadata.inputs))
        .map((input) => `${name}: ${input}`),
    );

    expect(unknown).toEqual([]);
  });
});
