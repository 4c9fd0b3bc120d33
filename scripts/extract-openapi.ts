/**
 * `npm run openapi -- <folder>`: writes `test/contract/github-openapi.json` from the unpacked package @octokit/openapi.
 * That package is 385 MB, too much to depend on; `npm pack @octokit/openapi@23.0.2` fetches it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { extractOperations, type OpenapiDocument } from './openapi/extract-operations.ts';
import { namesOperation, routesInSources } from './openapi/routes-in-sources.ts';

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('Say where the unpacked package is: npm run openapi -- <folder>');
  process.exit(2);
}

const document: OpenapiDocument = JSON.parse(readFileSync(join(folder, 'generated', 'api.github.com.json'), 'utf8'));
const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const routes = routesInSources();
const extract = extractOperations(document, routes, {
  source: `${about.name}@${about.version}, generated/api.github.com.json`,
  license: `${about.license}, ${about.author}; from github/rest-api-description, MIT, GitHub`,
});

const names = Object.keys(extract.operations);
const unknown = routes.filter((route) => !names.some((name) => namesOperation(route, name)));
for (const { file, method, shape } of unknown) console.error(`${file}: GitHub describes no ${method} ${shape}`);

const target = join(import.meta.dirname, '..', 'test', 'contract', 'github-openapi.json');
const text = `${JSON.stringify(extract)}\n`;
writeFileSync(target, text);
console.log(`${names.length} operations, ${Object.keys(extract.$defs).length} schemas, ${text.length} bytes`);
process.exitCode = unknown.length > 0 ? 1 : 0;
