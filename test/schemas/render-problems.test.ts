import { describe, expect, it } from 'vitest';
import { inFileOrder, renderProblems } from '../../schemas/render-problems.ts';

describe('renderProblems()', () => {
  it('shows place, line, caret and hint', () => {
    const text = renderProblems([
      {
        file: 'desired-state/roles/leaf.yaml',
        line: 12,
        column: 3,
        code: 'SCHEMAS_UNKNOWN_FIELD',
        message: 'unknown field "templtes"',
        hint: 'did you mean "templates"?',
        excerpt: '  templtes: []',
      },
      { file: 'pointsman.yaml', code: 'DESIRED_STATE_FILE_MISSING', message: 'expected this file, found none' },
    ]);

    expect(text).toBe(
      [
        'desired-state/roles/leaf.yaml:12:3: unknown field "templtes"',
        '  12 |   templtes: []',
        '     |   ^',
        '  did you mean "templates"?',
        '',
        'pointsman.yaml: expected this file, found none',
      ].join('\n'),
    );
  });

  it('keeps the caret below its character after tabs, and leaves it out beyond a line that was cut', () => {
    const problem = { file: 'a', line: 1, code: 'X', message: 'm', excerpt: '\tab' };

    expect(renderProblems([{ ...problem, column: 3 }]).split('\n')[2]).toBe('    | \t ^');
    expect(renderProblems([{ ...problem, column: 90 }])).not.toContain('^');
  });
});

describe('inFileOrder()', () => {
  it('goes by file, line and column, the file as a whole first', () => {
    const at = (file: string, line?: number, column?: number) => ({
      ...{ file, code: 'X', message: 'm' },
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
    });

    const ordered = inFileOrder([at('b', 1, 1), at('a', 2, 5), at('a', 2, 1), at('a', 10, 1), at('a')]);

    expect(ordered.map(({ file, line = 0, column = 0 }) => `${file}${line}:${column}`)).toEqual([
      ...['a0:0', 'a2:1', 'a2:5', 'a10:1', 'b1:1'],
    ]);
  });
});
