import { Check } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { localTime, parseMoment } from '../../calendar/moment.ts';
import { Moment } from '../../schemas/fleet.ts';

describe('parseMoment', () => {
  it.each([
    ['2026-12-01T22:00', '2026-12-01T21:00:00.000Z'],
    ['2026-12-01T22:00:30', '2026-12-01T21:00:30.000Z'],
    ['2026-12-01T22:00Z', '2026-12-01T22:00:00.000Z'],
    ['2026-12-01T22:00-05:00', '2026-12-02T03:00:00.000Z'],
    ['2026-12-01T22:00:10+05:30', '2026-12-01T16:30:10.000Z'],
    ['2026-03-29T02:30', '2026-03-29T01:00:00.000Z'],
    ['2026-10-25T02:30', '2026-10-25T00:30:00.000Z'],
    ['2028-02-29T12:00', '2028-02-29T11:00:00.000Z'],
  ])('reads %s in Amsterdam', (text, at) => {
    expect(parseMoment(text, 'Europe/Amsterdam')).toEqual({ kind: 'moment', at: Date.parse(at) });
  });

  it.each([
    '',
    'tomorrow',
    '2026-12-01',
    '2026-12-01 22:00',
    '2026-12-01T25:00',
    '2026-13-01T22:00',
    '2026-02-30T22:00',
    '2026-02-30T22:00Z',
    '2026-02-29T22:00',
    '2026-12-01T22:00+1:00',
    '2026-12-01T22:00+25:00',
    '2026-12-01T22:00Z\n',
    '0026-12-01T22:00',
  ])('refuses %j', (text) => {
    expect(parseMoment(text, 'Europe/Amsterdam').kind).toBe('refused');
  });

  it('takes the form that the schema describes', () => {
    const texts = [
      '2026-12-01T22:00',
      '2026-12-01T22:00:30Z',
      '2026-12-01T22:00+14:00',
      '2026-12-01 22:00',
      '2026-12-01T24:00',
    ];

    expect(texts.map((text) => Check(Moment, text))).toEqual([true, true, true, false, false]);
    expect(texts.map((text) => parseMoment(text, 'UTC').kind === 'moment')).toEqual([true, true, true, false, false]);
  });

  it('needs a zone that is one, unless the text is exact', () => {
    expect(parseMoment('2026-12-01T22:00', 'Mars/Phobos')).toMatchObject({
      message: expect.stringContaining('Mars/Phobos'),
    });
    expect(parseMoment('2026-12-01T22:00Z', 'Mars/Phobos').kind).toBe('moment');
  });

  it('comes back as the clocks show it', () => {
    const parsed = parseMoment('2026-12-01T22:00', 'Europe/Amsterdam');

    expect(parsed.kind === 'moment' && localTime(parsed.at, 'Europe/Amsterdam')).toBe(
      '2026-12-01 22:00 Europe/Amsterdam',
    );
    expect(localTime(Date.parse('2026-12-01T21:00:59.999Z'), 'Mars/Phobos')).toBe('2026-12-01 21:00 UTC');
  });
});
