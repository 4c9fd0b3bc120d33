import { renderDoctorTables } from './doctor-tables.ts';
import { renderErrorTables, renderProblemTable } from './error-tables.ts';
import { renderFieldTables } from './field-tables.ts';
import { renderRunMoves, renderStageMoves } from './move-tables.ts';
import { renderPermissionTable } from './permission-table.ts';
import { renderOutcomeTable, renderStageTables } from './recovery-tables.ts';

/** A part of a page that is made from the sources. In the page it stands between `<!-- made: <name> -->` and `<!-- /made -->`. */
export interface GeneratedBlock {
  readonly file: string;
  readonly name: string;
  readonly text: string;
}

export function generatedBlocks(root: string): readonly GeneratedBlock[] {
  return [
    { file: 'docs/doctor.md', name: 'doctor', text: renderDoctorTables() },
    { file: 'docs/github-app.md', name: 'permissions', text: renderPermissionTable() },
    { file: 'docs/errors.md', name: 'errors', text: renderErrorTables(root) },
    { file: 'docs/errors.md', name: 'problems', text: renderProblemTable() },
    { file: 'docs/fleet-repo.md', name: 'fields', text: renderFieldTables() },
    { file: 'docs/runs.md', name: 'run-moves', text: renderRunMoves() },
    { file: 'docs/runs.md', name: 'stage-moves', text: renderStageMoves() },
    { file: 'docs/recovery.md', name: 'stages', text: renderStageTables() },
    { file: 'docs/recovery.md', name: 'outcomes', text: renderOutcomeTable() },
  ];
}

/** @throws {Error} The page has no place for the block. */
export function putBlock(page: string, { file, name, text }: GeneratedBlock): string {
  const [start, end] = [`<!-- made: ${name} -->`, '<!-- /made -->'];
  const from = page.indexOf(start);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`${file} has no place for ${name}`);
  return `${page.slice(0, from + start.length)}\n\n${text}\n\n${page.slice(to)}`;
}
