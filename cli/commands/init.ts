import { resolve } from 'node:path';
import { judge } from '../../doctor/judge.ts';
import { observe } from '../../doctor/observe.ts';
import { readGithubAddress } from '../../forge/github-address.ts';
import { count } from '../../plans/words.ts';
import { composeDoctor } from '../compose-doctor.ts';
import { AUTHOR, type RemoteOptions } from '../connect.ts';
import { UsageError } from '../errors.ts';
import { type AnswerOptions, type Answers, readAnswers } from '../init/answers.ts';
import { readCallerWorkflows } from '../init/caller-workflows.ts';
import { workflowsWithoutRelease } from '../init/decide-writing.ts';
import { propose } from '../init/propose.ts';
import { renderProposal } from '../init/render-proposal.ts';
import { makeSkeleton, type Skeleton } from '../init/skeleton.ts';
import { writeFolder } from '../init/write-folder.ts';
import type { ExitCode, Io } from '../io.ts';
import { remoteUrl } from '../remote-url.ts';

type Options = AnswerOptions & RemoteOptions & { readonly out?: string; readonly pr: boolean };

/** `pointsman init`: a fleet repo to begin with, in a folder or as a pull request. Never overwrites. 0: done, or done before. */
export async function initCommand(io: Io, options: Options): Promise<ExitCode> {
  const { out, pr } = options;
  if ((out === undefined) === !pr) {
    throw new UsageError({
      problem: out === undefined ? 'it is not said where to' : 'both --out and --pr were given',
      next: 'Give --out <folder> to write the files there, or --pr to open them as a pull request.',
    });
  }
  const address = pr || options.remote !== undefined ? readGithubAddress(remoteUrl(io, options.remote)) : undefined;
  const answers = readAnswers(options, address);
  io.out(out === undefined ? await openPullRequest(io, options, answers) : writeOut(io, out, answers));
  return 0;
}

function writeOut({ cwd }: Io, out: string, answers: Answers): string {
  const folder = resolve(cwd, out);
  const { missing, kept } = writeFolder(folder, makeSkeleton(answers, readCallerWorkflows(answers.action)));
  if (missing.size === 0) return `Nothing to write: every file is in ${folder} already.\n`;
  return [
    `Wrote ${count(missing.size, 'file')} to ${folder}:`,
    ...[...missing.keys()].map((path) => `  ${path}`),
    ...kept.map((path) => `Left as it was: ${path}`),
    ...withoutRelease(missing, 'Run init again with it in an empty folder, or edit the lines "uses:" of:'),
    'Next: commit and push it, then pointsman doctor; docs/getting-started.md tells the rest.',
    '',
  ].join('\n');
}

async function openPullRequest(io: Io, options: Options, given: Answers): Promise<string> {
  const { observe: deps, redact, forge } = await composeDoctor(io, { ...options, switches: false });
  const answers = { ...given, branch: options.branch ?? deps.fleetBranch };
  const proposal = await propose(
    {
      repository: deps.repository,
      forge,
      clock: io.clock,
      author: AUTHOR,
      describe: async (writing, base) => {
        const diagnosis = judge(await observe(deps, io.signal));
        return redact(renderProposal({ answers, writing, base, diagnosis }));
      },
    },
    makeSkeleton(answers, readCallerWorkflows(answers.action)),
    io.signal,
  );
  if (proposal.kind === 'nothing-to-do') return 'Nothing to propose: every file is there already.\n';
  const { number, url } = proposal.pullRequest;
  const { missing } = proposal.writing;
  return [
    `#${number} proposes ${count(missing.size, 'file')}: ${url}`,
    ...withoutRelease(
      missing,
      'Close this, delete its branch and run init again with it, or edit the lines "uses:" of:',
    ),
    'Nothing happens until it is merged. The pull request says what to do next.',
    '',
  ].join('\n');
}

/** Said first, and nothing else: until it is done, nothing of what follows works. */
function withoutRelease(missing: Skeleton, how: string): readonly string[] {
  const paths = workflowsWithoutRelease(missing);
  if (paths.length === 0) return [];
  return [
    'The workflows cannot run yet: this copy of Pointsman does not know its release, so they name none (40 zeros).',
    `First: name one with --action <owner/name>@<commit>. ${how}`,
    ...paths.map((path) => `  ${path}`),
  ];
}
