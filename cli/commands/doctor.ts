import { judge } from '../../doctor/judge.ts';
import { observe } from '../../doctor/observe.ts';
import { renderDiagnosisText } from '../../doctor/render-diagnosis.ts';
import { composeDoctor, type ExamineOptions } from '../compose-doctor.ts';
import type { ExitCode, Io } from '../io.ts';
import { withProgress } from '../progress.ts';

/** `pointsman doctor`: what safety rests on. 0: no finding; 1: a danger; 3: weak places, or not all could be established. */
export async function doctorCommand(io: Io, options: ExamineOptions & { readonly json: boolean }): Promise<ExitCode> {
  const { diagnosis, text } = await withProgress(io, async (progress) => {
    const deps = await composeDoctor(io, options, (done, of) => progress.show(`${done} of ${of} switches asked`));
    const found = judge(await observe(deps.observe, io.signal));
    const shown = options.json ? `${JSON.stringify(found, undefined, 2)}\n` : renderDiagnosisText(found);
    return { diagnosis: found, text: deps.redact(shown) };
  });
  io.out(text);
  if (diagnosis.findings.length === 0) return 0;
  return diagnosis.findings.some(({ kind, severity }) => kind === 'gap' && severity === 'danger') ? 1 : 3;
}
