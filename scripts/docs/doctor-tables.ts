import { CHECKS } from '../../doctor/all-checks.ts';
import { renderTable } from './table.ts';

/** Everything `pointsman doctor` examines, by what it is about. */
export function renderDoctorTables(): string {
  return Object.entries(CHECKS)
    .map(([about, checks]) => {
      const rows = checks.map(({ code, severity, what, allows, close }) => [
        `\`${code}\``,
        severity,
        what,
        allows,
        close,
      ]);
      return `### ${about}\n\n${renderTable(['Code', 'Severity', 'What was found', 'What it allows', 'How to close it'], rows)}`;
    })
    .join('\n\n');
}
