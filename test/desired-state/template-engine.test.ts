import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTemplateEngine } from '../../desired-state/template-engine.ts';
import { markTemplates, readMarks } from '../../desired-state/template-lines.ts';
import { createTemplateSet } from '../../desired-state/template-set.ts';

const engineOf = (templates: Record<string, string>) =>
  createTemplateEngine(new Map(Object.entries(templates)), { milliseconds: 300 });
const render = (source: string, context = {}) => engineOf({ 't.j2': source }).render('t.j2', context);

describe('a template', () => {
  it.each([
    { case: 'constructors', source: '{{ ({}).constructor }}' },
    { case: 'functions of the host', source: '{{ x.constructor.constructor("return process")() }}' },
    { case: 'prototypes', source: '{{ x.__proto__.polluted }}' },
    { case: 'files', source: '{% include "../../etc/passwd" %}' },
    { case: 'the engine itself', source: '{{ debug() }}' },
    { case: 'the clock', source: '{{ now() }}' },
    { case: 'chance', source: '{{ [1, 2] | random }}' },
    { case: 'what is undefined', source: '{{ nothing }}' },
    { case: 'what is undefined in something', source: '{{ x.nothing }}' },
  ])('cannot reach $case', ({ source }) => {
    expect(render(source, { x: {} })).toMatchObject({ kind: 'failed', fault: { template: 't.j2', line: 1 } });
  });

  it.each([
    { case: 'a range without end', source: '{% for i in range(10**9) %}x{% endfor %}', by: /too many elements/ },
    {
      case: 'loops in loops',
      source: '{% for i in range(9999) %}{% for j in range(9999) %}{% set x = i %}{% endfor %}{% endfor %}',
      // On a machine that is busy with other things the clock may run out before the fuel does.
      by: /out of fuel|more time/,
    },
    {
      case: 'a macro that calls itself',
      source: '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}',
      by: /recursion limit/,
    },
    { case: 'a template that includes itself', source: '{% include "t.j2" %}', by: /include|recursion/ },
    {
      case: 'too much output',
      source: '{% for i in range(90000) %}{{ "x" * 20 }}{% endfor %}',
      by: /more than 1048576/,
    },
    {
      case: 'too much memory',
      source: '{% for n in [1000000000] %}{{ ("a" * n) | length }}{% endfor %}',
      by: /more memory/,
    },
    {
      case: 'too much time',
      source: '{% set x = "a" * 9000000 %}{% for i in range(99999) %}{{ x | replace("a", "b") | length }}{% endfor %}',
      by: /more time/,
    },
  ])('is stopped by $case, and others are rendered after it', ({ source, by }) => {
    const engine = engineOf({ 't.j2': source, 'good.j2': 'fine' });

    const output = engine.render('t.j2', {});

    expect(output.kind === 'failed' && output.fault.message).toMatch(by);
    expect(engine.render('good.j2', {})).toEqual({ kind: 'rendered', text: 'fine' });
  });

  it('that spoils the engine when it is read is the only one that suffers', () => {
    const engine = engineOf({
      'a.j2': 'fine',
      'bomb.j2': '{{ ("a" * 1000000000) | length }}',
      'c.j2': '{% if %}',
      'd.j2': 'too',
    });

    expect(engine.faults.map(({ template }) => template).sort()).toEqual(['bomb.j2', 'c.j2']);
    expect(['a.j2', 'd.j2'].map((name) => engine.render(name, {}))).toMatchObject([{ text: 'fine' }, { text: 'too' }]);
  });

  it.each(['t.j2', 't.yaml.j2', 't.json.j2', 't.html.j2'])(
    'writes values as they are, whatever it is called: %s',
    (name) => {
      const engine = engineOf({ [name]: '{{ x }}', 'm.j2': `{% include "${name}" %}` });

      expect(engine.render(name, { x: '<a> & "b"' })).toMatchObject({ text: '<a> & "b"' });
      expect(engine.render('m.j2', { x: '<a> & "b"' })).toMatchObject({ text: '<a> & "b"' });
    },
  );

  it('may use what Jinja users expect', () => {
    const source =
      '{% import "m.j2" as m %}{% from "m.j2" import twice %}{{ m.twice(1) }} {{ twice(2) }} ' +
      '{{ "a,b".split(",") | join("-") }} {{ {"k": 1}.items() | list }} {{ [3, 1] | sort | first }}';

    expect(
      engineOf({ 'm.j2': '{% macro twice(x) %}{{ x * 2 }}{% endmacro %}', 't.js.j2': source }).render('t.js.j2', {}),
    ).toEqual({
      kind: 'rendered',
      text: '2 4 a-b [["k", 1]] 1',
    });
  });

  it.each([
    { case: 'in itself', templates: { 't.j2': 'a\n\n{{ x.y }}\n' }, at: 't.j2:3' },
    {
      case: 'in an include',
      templates: { 't.j2': 'a\n{% include "i.j2" %}\n', 'i.j2': '\n\n\n{{ x.y }}' },
      at: 'i.j2:4',
    },
    {
      case: 'in an include of an include, after another',
      templates: {
        't.j2': '{% include "a.j2" %}{% include "b.j2" %}\n',
        'a.j2': 'x\ny\n',
        'b.j2': "z\n{% include 'c.j2' %}",
        'c.j2': '\n{{ x.y }}',
      },
      at: 'c.j2:2',
    },
    {
      case: 'in a macro',
      templates: {
        't.j2': '\n{% import "m.j2" as m %}{{ m.f() }}',
        'm.j2': '{% macro f() %}\n{{ "a" | nope }}{% endmacro %}',
      },
      at: 'm.j2:2',
    },
    {
      case: 'in a block',
      templates: {
        't.j2': '{% extends "b.j2" %}\n{% block c %}\n{{ x.y }}{% endblock %}',
        'b.j2': '\n{% block c %}{% endblock %}',
      },
      at: 't.j2:3',
    },
  ])('that fails $case is told by the line that failed', ({ templates, at }) => {
    const output = engineOf(templates as unknown as Record<string, string>).render('t.j2', { x: {} });

    expect(output.kind === 'failed' && `${output.fault.template}:${output.fault.line}`).toBe(at);
  });
});

describe('renderings under one watchdog', () => {
  it('are given up together when the time is not enough, and the engine lives on', () => {
    const engine = engineOf({
      'slow.j2':
        '{% set x = "a" * 9000000 %}{% for i in range(99999) %}{{ x | replace("a", "b") | length }}{% endfor %}',
      'good.j2': 'fine',
    });

    expect(engine.together(() => engine.render('slow.j2', {}))).toBeUndefined();
    expect(engine.together(() => engine.render('good.j2', {}))).toEqual({ kind: 'rendered', text: 'fine' });
  });
});

describe('the line a line of output came from', () => {
  const pieces = [
    ...[
      '\n',
      '\n',
      'text',
      '  x: 1',
      '{{ v }}',
      '{{- v }}',
      '{{ v -}}',
      '{% if v %}',
      '{% endif %}',
      '{%- if v -%}',
      '{%- endif -%}',
    ],
    ...[
      '{% for i in [1, 2] %}',
      '{% endfor %}',
      '{# c\n c #}',
      '{% set w = 1 %}',
      '{% raw %}{{ r\n}}{% endraw %}',
      ' ',
      '\r\n',
      '"%}"',
    ],
  ];
  const template = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((parts) => parts.join(''));

  it('is never claimed for output that marks would have changed', () => {
    let told = 0;
    fc.assert(
      fc.property(template, (source) => {
        const set = createTemplateSet(new Map([['t.j2', source]]));
        const output = set.render('t.j2', { v: 'V' });
        if (output.kind === 'failed') return;
        const lines = set.linesOf('t.j2', { v: 'V' }, output.text);
        if (lines === undefined) return;
        told += 1;
        // Text that stands alone on its line of the template has to be found there.
        const numbered = source.split('\n');
        for (const [index, line] of output.text.split('\n').entries()) {
          const from = lines[index];
          if (/^[a-z]/.test(line) && from) expect(numbered[from.line - 1]).toMatch(/text|v|r|x/);
        }
      }),
      { numRuns: 300 },
    );
    expect(told).toBeGreaterThan(30);
  });

  it('is the one it began on, also where a comment takes it to another', () => {
    const set = createTemplateSet(new Map([['t.j2', 'text{# c\n c #}\nmore\n']]));
    const output = set.render('t.j2', {});

    const text = output.kind === 'rendered' ? output.text : '';
    expect(set.linesOf('t.j2', {}, text)?.slice(0, 2)).toMatchObject([{ line: 1 }, { line: 3 }]);
  });

  it('does not come from marks when what they mark is something else', () => {
    const { lines } = markTemplates(new Map([['t.j2', 'a\n']]));

    expect(readMarks('something else', 'a', lines)).toBeUndefined();
  });
});
