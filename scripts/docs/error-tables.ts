import { readErrorCodes } from './error-codes.ts';
import { PROBLEM_CODES } from './problem-codes.ts';
import { renderTable } from './table.ts';

/** Every error this project throws on purpose, room by room. */
export function renderErrorTables(root: string): string {
  return [...readErrorCodes(root)]
    .map(([folder, errors]) => {
      const rows = errors.map(({ code, case: which, disposition, what, next }) => [
        `\`${code}\`${which === undefined ? '' : ` (${which})`}`,
        disposition,
        what,
        next,
      ]);
      return `### ${folder}/\n\n${renderTable(['Code', 'Disposition', 'What happened', 'What next'], rows)}`;
    })
    .join('\n\n');
}

/** Every problem a fleet repo can have. */
export function renderProblemTable(): string {
  const rows = Object.entries(PROBLEM_CODES).map(([code, { what, help }]) => [`\`${code}\``, what, help]);
  return renderTable(['Code', 'What is wrong', 'What helps'], rows);
}
