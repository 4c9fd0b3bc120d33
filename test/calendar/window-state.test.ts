import { describe, expect, it } from 'vitest';
import type { SiteCalendar } from '../../calendar/site-calendar.ts';
import { windowState } from '../../calendar/window-state.ts';

type Windows = NonNullable<SiteCalendar['windows']>;

/** `22:00-04:00`, or `fri,sat 22:00-04:00`; its name is the text. */
function windows(...texts: readonly string[]): Windows {
  return texts.map((name) => {
    const [, days, from = '', to = ''] = /^(?:(\S+) )?(\S+)-(\S+)$/.exec(name) ?? [];
    return {
      name,
      from,
      to,
      ...(days === undefined ? {} : { days: days.split(',') as NonNullable<Windows[number]['days']> }),
    };
  });
}

function freeze(from: string, to: string, name = 'freeze'): NonNullable<SiteCalendar['freezes']>[number] {
  return { name, from, to, reason: 'books are closed' };
}

/** What is told at a moment: `open until 2026-…Z`, `closed until …`, in exact time. */
function told(calendar: SiteCalendar, at: string): string {
  const state = windowState(calendar, Date.parse(at));
  const end = state.kind === 'open' ? state.until : state.opensAt;
  return end === undefined ? state.kind : `${state.kind} until ${new Date(end).toISOString().replace(':00.000Z', 'Z')}`;
}

describe('windowState', () => {
  const nightly = { time_zone: 'Europe/Amsterdam', windows: windows('22:00-04:00') };
  const newYork = (...texts: string[]) => ({ time_zone: 'America/New_York', windows: windows(...texts) });
  const amsterdam = (...texts: string[]) => ({ time_zone: 'Europe/Amsterdam', windows: windows(...texts) });
  const lordHowe = (...texts: string[]) => ({ time_zone: 'Australia/Lord_Howe', windows: windows(...texts) });

  it.each<[string, SiteCalendar, string, string]>([
    ['is open without windows and freezes', {}, '2026-06-01T12:00Z', 'open'],
    [
      'reads times as UTC without a time zone',
      { windows: windows('22:00-04:00') },
      '2026-06-01T21:59Z',
      'closed until 2026-06-01T22:00Z',
    ],

    ['is closed before a window', nightly, '2026-06-01T19:59:59.999Z', 'closed until 2026-06-01T20:00Z'],
    ['is open from its first millisecond on', nightly, '2026-06-01T20:00Z', 'open until 2026-06-02T02:00Z'],
    ['is open over midnight', nightly, '2026-06-01T23:30Z', 'open until 2026-06-02T02:00Z'],
    ['is closed from the moment it ends', nightly, '2026-06-02T02:00Z', 'closed until 2026-06-02T20:00Z'],

    [
      'opens on the days that are named',
      amsterdam('mon,wed 10:00-11:00'),
      '2026-06-01T09:00Z',
      'closed until 2026-06-03T08:00Z',
    ],
    [
      'stays open on the day after the one that is named',
      amsterdam('sun 22:00-04:00'),
      '2026-06-01T00:00Z',
      'open until 2026-06-01T02:00Z',
    ],
    [
      'does not open on the day after as well',
      amsterdam('sun 22:00-04:00'),
      '2026-06-01T20:30Z',
      'closed until 2026-06-07T20:00Z',
    ],
    [
      'waits a whole week for its day',
      amsterdam('sat 10:00-11:00'),
      '2026-06-06T09:00Z',
      'closed until 2026-06-13T08:00Z',
    ],

    [
      'is open for a day where both ends are one time',
      amsterdam('sat 10:00-10:00'),
      '2026-06-06T09:00Z',
      'open until 2026-06-07T08:00Z',
    ],
    [
      'counts windows that adjoin as one',
      amsterdam('22:00-00:00', '00:00-04:00'),
      '2026-06-01T20:30Z',
      'open until 2026-06-02T02:00Z',
    ],
    [
      'counts windows that overlap as one',
      amsterdam('22:00-02:00', '01:00-04:00'),
      '2026-06-01T20:30Z',
      'open until 2026-06-02T02:00Z',
    ],
    [
      'counts a window within another as nothing',
      amsterdam('22:00-06:00', '01:00-02:00'),
      '2026-06-01T20:30Z',
      'open until 2026-06-02T04:00Z',
    ],
    [
      'joins days of a week end',
      amsterdam('sat,sun 00:00-00:00', 'fri 18:00-00:00'),
      '2026-06-05T16:00Z',
      'open until 2026-06-07T22:00Z',
    ],
    ['never closes where windows leave no hole', amsterdam('08:00-20:00', '20:00-08:00'), '2026-06-05T16:00Z', 'open'],

    // Clocks of Amsterdam: 2026-03-29 02:00 becomes 03:00 (01:00Z), 2026-10-25 03:00 becomes 02:00 (01:00Z).
    [
      'opens after the gap when its time lies in it',
      amsterdam('02:30-05:00'),
      '2026-03-29T00:45Z',
      'closed until 2026-03-29T01:00Z',
    ],
    ['closes by the clocks of that day', amsterdam('02:30-05:00'), '2026-03-29T01:00Z', 'open until 2026-03-29T03:00Z'],
    [
      'closes at the gap when its end lies in it',
      amsterdam('01:00-02:30'),
      '2026-03-29T00:30Z',
      'open until 2026-03-29T01:00Z',
    ],
    [
      'is not missed when all of it lies in the gap',
      amsterdam('02:00-03:00'),
      '2026-03-29T00:59Z',
      'closed until 2026-03-29T01:00Z',
    ],
    [
      'is then open for as long as always',
      amsterdam('02:10-02:40'),
      '2026-03-29T01:00Z',
      'open until 2026-03-29T01:30Z',
    ],
    ['is an hour shorter over the gap', nightly, '2026-03-28T21:00Z', 'open until 2026-03-29T02:00Z'],
    ['is an hour longer over the repeated hour', nightly, '2026-10-24T20:00Z', 'open until 2026-10-25T03:00Z'],
    ['opens the first time of two', amsterdam('02:30-05:00'), '2026-10-25T00:00Z', 'closed until 2026-10-25T00:30Z'],
    ['closes the last time of two', amsterdam('01:00-02:30'), '2026-10-25T00:45Z', 'open until 2026-10-25T01:30Z'],
    ['opens once in the repeated hour', amsterdam('02:10-02:40'), '2026-10-25T00:10Z', 'open until 2026-10-25T01:40Z'],
    ['does not open again in it', amsterdam('02:10-02:40'), '2026-10-25T01:40Z', 'closed until 2026-10-26T01:10Z'],
    [
      'closes the last time also where the hour begins',
      amsterdam('01:00-02:00'),
      '2026-10-25T00:30Z',
      'open until 2026-10-25T01:00Z',
    ],
    [
      'joins windows that the repeated hour brings together',
      amsterdam('01:00-02:10', '02:50-04:00'),
      '2026-10-25T00:00Z',
      'open until 2026-10-25T03:00Z',
    ],
    [
      'joins windows that only the gap lies between',
      amsterdam('01:00-02:10', '02:50-04:00'),
      '2026-03-29T00:30Z',
      'open until 2026-03-29T02:00Z',
    ],

    // Clocks of New York: 2026-03-08 02:00 becomes 03:00 (07:00Z), 2026-11-01 02:00 becomes 01:00 (06:00Z).
    ['knows the gap of New York', newYork('02:30-05:00'), '2026-03-08T06:00Z', 'closed until 2026-03-08T07:00Z'],
    [
      'knows the repeated hour of New York',
      newYork('01:15-01:45'),
      '2026-11-01T05:15Z',
      'open until 2026-11-01T06:45Z',
    ],
    [
      'keeps to the clocks after they were changed',
      newYork('22:00-23:00'),
      '2026-11-01T12:00Z',
      'closed until 2026-11-02T03:00Z',
    ],

    // Clocks of Lord Howe: 2026-10-04 02:00 becomes 02:30 (2026-10-03T15:30Z), 2026-04-05 02:00 becomes 01:30 (2026-04-04T15:00Z).
    ['knows a gap of half an hour', lordHowe('02:15-04:00'), '2026-10-03T15:00Z', 'closed until 2026-10-03T15:30Z'],
    [
      'knows a window in half an hour’s gap',
      lordHowe('02:05-02:20'),
      '2026-10-03T15:30Z',
      'open until 2026-10-03T15:45Z',
    ],
    [
      'knows half an hour that comes twice',
      lordHowe('01:40-01:50'),
      '2026-04-04T14:40Z',
      'open until 2026-04-04T15:20Z',
    ],

    // Clocks of Cairo: 2026-04-24 00:00 becomes 01:00 (2026-04-23T22:00Z), 2026-10-30 00:00 becomes 23:00 (2026-10-29T21:00Z).
    [
      'knows a midnight that is not there',
      { time_zone: 'Africa/Cairo', windows: windows('fri 00:00-04:00') },
      '2026-04-23T12:00Z',
      'closed until 2026-04-23T22:00Z',
    ],
    [
      'knows an hour before midnight that comes twice',
      { time_zone: 'Africa/Cairo', windows: windows('thu 23:30-00:30') },
      '2026-10-29T20:30Z',
      'open until 2026-10-29T22:30Z',
    ],
  ])('%s', (_title, calendar, at, expected) => {
    expect(told(calendar, at)).toBe(expected);
  });

  it.each<[string, SiteCalendar, string, string]>([
    [
      'is closed from the first moment of a date',
      { freezes: [freeze('2026-12-20', '2027-01-03')] },
      '2026-12-20T00:00Z',
      'closed until 2027-01-04T00:00Z',
    ],
    [
      'is open until a freeze begins',
      { freezes: [freeze('2026-12-20', '2027-01-03')] },
      '2026-12-19T23:59Z',
      'open until 2026-12-20T00:00Z',
    ],
    [
      'is open after the end of its last day',
      { freezes: [freeze('2026-12-20', '2027-01-03')] },
      '2027-01-04T00:00Z',
      'open',
    ],
    [
      'freezes one day that is both ends',
      { freezes: [freeze('2026-12-20', '2026-12-20')] },
      '2026-12-20T12:00Z',
      'closed until 2026-12-21T00:00Z',
    ],
    [
      'freezes to the minute',
      { freezes: [freeze('2026-12-20T18:00', '2026-12-20T18:30')] },
      '2026-12-20T18:00Z',
      'closed until 2026-12-20T18:30Z',
    ],
    [
      'tells of a freeze in years',
      { freezes: [freeze('2029-12-20', '2029-12-21')] },
      '2026-12-20T18:00Z',
      'open until 2029-12-20T00:00Z',
    ],
    ['does not open within a year', { freezes: [freeze('2026-12-20', '2028-01-01')] }, '2026-12-20T18:00Z', 'closed'],

    [
      'lets a freeze win over a window',
      { ...nightly, freezes: [freeze('2026-06-01', '2026-06-02')] },
      '2026-06-01T20:30Z',
      'closed until 2026-06-02T22:00Z',
    ],
    [
      'closes a window where a freeze begins',
      { ...nightly, freezes: [freeze('2026-06-02', '2026-06-02')] },
      '2026-06-01T20:30Z',
      'open until 2026-06-01T22:00Z',
    ],
    [
      'passes over windows that are frozen',
      { ...nightly, freezes: [freeze('2026-06-01', '2026-06-30T12:00')] },
      '2026-06-01T12:00Z',
      'closed until 2026-06-30T20:00Z',
    ],
    [
      'goes from one freeze to the next',
      { freezes: [freeze('2026-06-10', '2026-06-12'), freeze('2026-06-01', '2026-06-09')] },
      '2026-06-05T12:00Z',
      'closed until 2026-06-13T00:00Z',
    ],
    [
      'opens between two freezes',
      { freezes: [freeze('2026-06-11', '2026-06-12'), freeze('2026-06-01', '2026-06-09')] },
      '2026-06-05T12:00Z',
      'closed until 2026-06-10T00:00Z',
    ],
    [
      'holds to the longer of two freezes',
      { freezes: [freeze('2026-06-01', '2026-06-30'), freeze('2026-06-02', '2026-06-03')] },
      '2026-06-02T12:00Z',
      'closed until 2026-07-01T00:00Z',
    ],

    [
      'freezes both of two equal hours',
      { ...amsterdam('00:00-00:00'), freezes: [freeze('2026-10-25T02:00', '2026-10-25T02:30')] },
      '2026-10-25T00:00Z',
      'closed until 2026-10-25T01:30Z',
    ],
    [
      'freezes nothing in a gap',
      { ...amsterdam('00:00-00:00'), freezes: [freeze('2026-03-29T02:00', '2026-03-29T02:30')] },
      '2026-03-29T00:00Z',
      'open',
    ],
    [
      'freezes from the first of two midnights',
      { time_zone: 'America/Havana', freezes: [freeze('2026-11-01', '2026-11-01')] },
      '2026-11-01T04:00Z',
      'closed until 2026-11-02T05:00Z',
    ],
    [
      'freezes until the first of two midnights',
      { time_zone: 'America/Havana', freezes: [freeze('2026-10-31', '2026-10-31')] },
      '2026-10-31T12:00Z',
      'closed until 2026-11-01T04:00Z',
    ],
  ])('%s', (_title, calendar, at, expected) => {
    expect(told(calendar, at)).toBe(expected);
  });

  it('names the window that is open, of several the first', () => {
    expect(windowState(amsterdam('22:00-02:00', '01:00-04:00'), Date.parse('2026-06-01T23:30Z'))).toMatchObject({
      name: '22:00-02:00',
    });
    expect(windowState(amsterdam('22:00-02:00', '01:00-04:00'), Date.parse('2026-06-02T00:30Z'))).toMatchObject({
      name: '01:00-04:00',
    });
  });

  it('names the freeze that ends last of those that hold', () => {
    const freezes = [freeze('2026-06-01', '2026-06-02', 'short'), freeze('2026-06-01', '2026-06-09', 'long')];

    expect(windowState({ freezes }, Date.parse('2026-06-01T12:00Z'))).toMatchObject({ name: 'long' });
  });

  it.each<[string, SiteCalendar, string]>([
    [
      'a window that opens',
      nightly,
      'outside its maintenance windows; "22:00-04:00" opens 2026-06-01 22:00 Europe/Amsterdam',
    ],
    [
      'windows that are frozen for long',
      { ...nightly, freezes: [freeze('2026-06-01T20:00', '2028-01-01')] },
      'outside its maintenance windows; it does not open within a year',
    ],
    [
      'a freeze',
      { freezes: [freeze('2026-06-01', '2026-06-02', 'mid year')] },
      'frozen by "mid year" (books are closed) until 2026-06-03 00:00 UTC',
    ],
    [
      'a freeze and the window after it',
      { ...nightly, freezes: [freeze('2026-06-01', '2026-06-02T12:00', 'mid year')] },
      'frozen by "mid year" (books are closed) until 2026-06-02 12:00 Europe/Amsterdam; "22:00-04:00" opens 2026-06-02 22:00 Europe/Amsterdam',
    ],
    [
      'a freeze that another follows',
      { freezes: [freeze('2026-06-01', '2026-06-02', 'mid year'), freeze('2026-06-03', '2026-06-04')] },
      'frozen by "mid year" (books are closed) until 2026-06-03 00:00 UTC; opens 2026-06-05 00:00 UTC',
    ],
    [
      'a freeze of years',
      { freezes: [freeze('2026-06-01', '2029-06-02', 'mid year')] },
      'frozen by "mid year" (books are closed) until 2029-06-03 00:00 UTC; it does not open within a year',
    ],
  ])('says why in words: %s', (_title, calendar, why) => {
    expect(windowState(calendar, Date.parse('2026-06-01T12:00Z'))).toMatchObject({ kind: 'closed', why });
  });

  it.each<[string, SiteCalendar, object]>([
    ['its time zone', { ...nightly, time_zone: 'Europe/Amsterdm' }, { by: 'window' }],
    ['a date that does not exist', { freezes: [freeze('2026-02-30', '2026-03-02')] }, { by: 'freeze', name: 'freeze' }],
    ['a freeze that ends first', { freezes: [freeze('2026-03-02', '2026-03-01')] }, { by: 'freeze', name: 'freeze' }],
    ['a time no clock shows', { windows: windows('25:00-04:00') }, { by: 'window', name: '25:00-04:00' }],
  ])('is closed when it cannot read %s', (_title, calendar, expected) => {
    const state = windowState(calendar, Date.parse('2026-06-01T23:00Z'));

    expect(state).toMatchObject({ kind: 'closed', why: expect.stringContaining('cannot be read'), ...expected });
    expect(state).not.toHaveProperty('opensAt');
  });

  it('takes no time worth mentioning', () => {
    const names = Array.from(
      { length: 10 },
      (_, hour) => `${String(2 * hour).padStart(2, '0')}:00-${String(2 * hour + 1).padStart(2, '0')}:00`,
    );
    const calendar = {
      ...amsterdam(...names),
      freezes: Array.from({ length: 30 }, (_, day) =>
        freeze('2026-12-01', `2026-12-${day + 1}`.replace(/-(\d)$/, '-0$1')),
      ),
    };
    const from = Date.parse('2026-11-20T00:30Z');
    windowState(calendar, from);

    // Microseconds of our own: what else the machine does is not counted.
    const began = process.cpuUsage();
    for (let asked = 0; asked < 200; asked++) windowState(calendar, from + asked * 3_600_000);

    expect(process.cpuUsage(began).user / 200).toBeLessThan(1000);
  });
});
