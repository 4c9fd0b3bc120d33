import { OUTCOME_KINDS, stateInWords } from '../../ledger/outcome-words.ts';
import type { Run } from '../../ledger/run.ts';
import { ALL_WORKFLOWS } from '../../workflows/all-workflows.ts';
import type { Workflow } from '../../workflows/workflow.ts';
import { renderTable } from './table.ts';

/** Every way a stage can stop, how that leaves the switches, and what to do then; workflow by workflow. */
export function renderStageTables(): string {
  return ALL_WORKFLOWS.map(({ name, does, stages }) => `### ${name}\n\n${does}\n\n${renderStages(stages)}`).join(
    '\n\n',
  );
}

function renderStages(stages: Workflow['stages']): string {
  return stages
    .map(({ name, does, ifWeDied, whenFailed, whenTerminated, touchesDevice }) => {
      const rows = [
        ['Our process died in it', 'As below, switch by switch.', ifWeDied],
        ['It failed', whenFailed.deviceState, whenFailed.advice],
        ['It was terminated', whenTerminated.deviceState, whenTerminated.advice],
      ];
      const [died = [], ...others] = rows;
      const first = touchesDevice ? died : [died[0] ?? '', 'No switch was touched in it.', died[2] ?? ''];
      return `#### \`${name}\`\n\n${does}\n\n${renderTable(['What happened', 'How the switches are', 'What then'], [first, ...others])}`;
    })
    .join('\n\n');
}

/** What a person has to do about a switch, by how it came out. */
const WHAT_TO_DO = {
  unknown:
    'Look at the switch (`nv config history`). Do not reboot it while its revert timer may run. Then plan again: the plan shows what it runs.',
  faulty: 'Look at the service the switch names. Applying again does not help: there is no difference left to apply.',
  reverted: 'Find out from the error why, change that in a new pull request.',
  untouched:
    'Read the error; fix the cause in a new pull request, or plan again when it was the switch that could not be asked.',
  open: 'Wait. When nobody is working on it any more, the next pass takes over and asks the switch.',
  differs: 'Decide: adopt it, or revert it. docs/drift.md says how.',
  applied: 'Nothing.',
  'backed-up': 'Nothing.',
  'in-sync': 'Nothing.',
} as const;

/** Every way one switch can come out of a run. */
export function renderOutcomeTable(): string {
  const rows = OUTCOME_KINDS.map((kind) => [`\`${kind}\``, wordsOf(kind), WHAT_TO_DO[kind]]);
  return renderTable(['Outcome', 'What the switch runs', 'What to do'], rows);
}

/** The ledger's own words, from a run that holds nothing but this outcome. */
function wordsOf(kind: (typeof OUTCOME_KINDS)[number]): string {
  const run: Run = {
    name: '',
    workflow: '',
    commit: '',
    status: 'RUNNING',
    startedAt: 0,
    stages: [],
    children: [],
    artifacts: [],
    devices: [],
  };
  const device = { site: '', device: '', attempts: 1, unsettled: 0, candidatesBefore: [] };
  const error = { code: '', disposition: 'needs-human', message: '', next: '', details: {} } as const;
  if (kind === 'open') return stateInWords(device, run);
  if (kind === 'applied') return stateInWords({ ...device, outcome: { kind, candidate: '', probes: [] } }, run);
  if (kind === 'in-sync') return stateInWords({ ...device, outcome: { kind } }, run);
  if (kind === 'differs') return stateInWords({ ...device, outcome: { kind, digest: '', changes: 1 } }, run);
  if (kind === 'backed-up') return stateInWords({ ...device, outcome: { kind, changed: true } }, run);
  if (kind === 'faulty') return stateInWords({ ...device, outcome: { kind, candidate: '', error } }, run);
  return stateInWords({ ...device, outcome: { kind, error } }, run);
}
