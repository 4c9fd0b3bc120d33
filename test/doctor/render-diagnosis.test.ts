import { describe, expect, it } from 'vitest';
import { judge } from '../../doctor/judge.ts';
import type { Observations } from '../../doctor/observations.ts';
import { renderDiagnosisMarkdown, renderDiagnosisText } from '../../doctor/render-diagnosis.ts';
import { seen, wellKept } from './build.ts';

const told = (changes: Partial<Observations>) => renderDiagnosisText(judge(wellKept(changes)));
const shown = (changes: Partial<Observations>) => renderDiagnosisMarkdown(judge(wellKept(changes)));
const hidden = { kind: 'unknown', why: 'GitHub refused it: 403' } as const;

describe('the report', () => {
  it('says the verdict first, then what was found, what it allows and how to close it', () => {
    expect(told({ codeOwners: seen(undefined), openSecrets: seen(['POINTSMAN_X']) })).toMatchInlineSnapshot(`
      "1 danger, 1 weak place (43 checks).

      Dangers

        Secrets of Pointsman are open to every workflow. (DOCTOR_SECRETS_FOR_EVERY_BRANCH)
          found: POINTSMAN_X is a secret of the whole repository
          allows: Everybody who may push a branch pushes a workflow with it that prints them: the key of the App, the passwords of the switches.
          close: Move them to Settings > Environments > pointsman, delete them under Secrets and variables > Actions, and change their values: they may have been read.

      Weak places

        Files that decide who decides have no owner. (DOCTOR_CODE_OWNERS_MISSING)
          found: there is no CODEOWNERS file
          allows: Any reviewer can let a change of the rules, the permissions or the workflows through.
          close: In .github/CODEOWNERS on the fleet branch, give /.github/, /approvals.yaml, /permissions.yaml and /pointsman.yaml a team, as the last lines.
      "
    `);
  });

  it('tells a reason once for all that it hides, and whose eyes would help', () => {
    const text = told({ actions: hidden, forks: hidden });

    expect(text.match(/403/g)).toHaveLength(1);
    expect(text).toMatch(/^4 not established \(\d+ checks\)\./);
    expect(text).toContain('POINTSMAN_ADMIN_TOKEN');
  });

  it('says of what nobody’s eyes would help against what would', () => {
    const unread = { kind: 'unknown', why: 'a proxy answered', next: 'Look at the proxy.' } as const;

    expect(told({ forks: unread })).toContain('    next: Look at the proxy.\n');
    expect(shown({ forks: unread })).toContain('Look at the proxy.');
    expect(told({ forks: unread }) + shown({ forks: unread })).not.toContain('POINTSMAN_ADMIN_TOKEN');
    expect(told({ forks: unread, actions: hidden })).toContain('POINTSMAN_ADMIN_TOKEN');
  });

  it('shows ten lines of a finding and counts the rest', () => {
    const text = told({ writingKeys: seen(Array.from({ length: 13 }, (_, index) => `key ${index}`)) });

    expect(text.match(/found: the deploy key/g)).toHaveLength(10);
    expect(text).toContain('and 3 more');
  });

  it('lets no title break out of its place, on a terminal or in a pull request', () => {
    const title = '\u001b[2Jx | y` @acme/all <img src=x> </details>\n# heading';

    const text = told({ writingKeys: seen([title]) });
    const page = shown({ writingKeys: seen([title]) });

    expect(text).not.toContain('\u001b');
    expect(page.split('\n').filter((line) => line.startsWith('#'))).toEqual([]);
    const row = page.split('\n').find((line) => line.includes('deploy key')) ?? '';
    expect(row.replaceAll('\\|', '').match(/\|/g)).toHaveLength(4);
    const bare = row.replaceAll(/(`+)[^`]*(?:`(?!\1)[^`]*)*?\1/g, '');
    expect(bare).not.toMatch(/@acme|<img|<\/details>/);
  });
});
