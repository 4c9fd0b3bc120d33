import type { Run } from '../../ledger/run.ts';
import { cut, LINE_WIDTH } from '../wrap.ts';
import { runInBrief } from './run-in-brief.ts';

const HEAD = { status: 'STATUS', started: 'STARTED (UTC)', name: 'RUN' };

/** Two lines a run: what it is called, and below that how it stands or came out. Batches below the run they are of, indented. */
export function renderRunList(runs: readonly Run[]): string {
  if (runs.length === 0) return 'No run is like that.\n';
  const there = new Set(runs.map(({ name }) => name));
  const rows = runs.map((run) => ({
    status: run.status.toLowerCase().replaceAll('_', ' '),
    started: new Date(run.startedAt).toISOString().slice(0, 16).replace('T', ' '),
    name: `${run.parent !== undefined && there.has(run.parent) ? '  ' : ''}${run.name}`,
    brief: runInBrief(run),
  }));
  const width = Math.max(HEAD.status.length, ...rows.map(({ status }) => status.length));
  const line = ({ status, started, name }: typeof HEAD) => `${status.padEnd(width)}  ${started.padEnd(16)}  ${name}`;
  const lines = rows.flatMap((row) => {
    const indent = ' '.repeat(width + 20 + (row.name.startsWith(' ') ? 2 : 0));
    return [line(row), ...(row.brief === '' ? [] : [cut(`${indent}${row.brief}`, LINE_WIDTH)])];
  });
  return `${[line(HEAD), ...lines].join('\n')}\n`;
}
