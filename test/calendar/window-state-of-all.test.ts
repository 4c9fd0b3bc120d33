import { describe, expect, it } from 'vitest';
import type { SiteCalendar } from '../../calendar/site-calendar.ts';
import { windowStateOfAll } from '../../calendar/window-state.ts';

const at = (text: string) => Date.parse(text);

function open(from: string, to: string, zone = 'UTC'): SiteCalendar {
  return { time_zone: zone, windows: [{ name: 'nightly', from, to }] };
}

function frozen(from: string, to: string): SiteCalendar {
  return { freezes: [{ name: 'year end', from, to, reason: 'books are closed' }] };
}

function stateOf(sites: Readonly<Record<string, SiteCalendar>>, now: string) {
  return windowStateOfAll(new Map(Object.entries(sites)), at(now));
}

describe('windowStateOfAll', () => {
  it('is open where no site has a calendar, and where there is no site', () => {
    expect(stateOf({ ams1: {}, fra1: {} }, '2026-06-01T12:00Z')).toEqual({ kind: 'open' });
    expect(stateOf({}, '2026-06-01T12:00Z')).toEqual({ kind: 'open' });
  });

  it('is open until the first site closes, and says which', () => {
    const state = stateOf({ ams1: open('22:00', '04:00'), fra1: open('20:00', '23:00'), lab: {} }, '2026-06-01T22:30Z');

    expect(state).toEqual({ kind: 'open', name: 'nightly', until: at('2026-06-01T23:00Z'), site: 'fra1' });
  });

  it('is closed until the site that opens last, and says which', () => {
    const sites = { ams1: open('22:00', '04:00'), nyc1: open('22:00', '04:00', 'America/New_York'), lab: {} };

    expect(stateOf(sites, '2026-06-01T12:00Z')).toEqual({
      kind: 'closed',
      by: 'window',
      name: 'nightly',
      why: 'outside its maintenance windows; "nightly" opens 2026-06-01 22:00 America/New_York',
      opensAt: at('2026-06-02T02:00Z'),
      site: 'nyc1',
    });
  });

  it('tells of a closed site and not of an open one', () => {
    expect(stateOf({ ams1: open('10:00', '14:00'), fra1: open('13:00', '15:00') }, '2026-06-01T12:00Z')).toMatchObject({
      site: 'fra1',
      opensAt: at('2026-06-01T13:00Z'),
    });
  });

  it('waits for a time at which all are open at once', () => {
    const state = stateOf(
      { ams1: open('22:00', '23:00'), fra1: frozen('2026-06-01', '2026-06-02') },
      '2026-06-01T21:30Z',
    );

    expect(state).toMatchObject({ site: 'fra1', opensAt: at('2026-06-03T22:00Z') });
    expect(state).toMatchObject({
      why: expect.stringContaining('all 2 sites are open at once from 2026-06-03 22:00 UTC'),
    });
  });

  it('finds the weeks in which changed clocks bring two sites together', () => {
    // New York changes its clocks three weeks before Amsterdam, so its 18:00 is 23:00 there, and 00:00 otherwise.
    const sites = {
      ams1: open('23:00', '23:30', 'Europe/Amsterdam'),
      nyc1: open('18:00', '18:30', 'America/New_York'),
    };

    expect(stateOf(sites, '2026-11-10T12:00Z')).toMatchObject({ opensAt: at('2027-03-14T22:00Z') });
  });

  it('does not open where sites are never open at once', () => {
    const state = stateOf({ ams1: open('22:00', '23:00'), fra1: open('23:00', '23:30') }, '2026-06-01T12:00Z');

    expect(state).toMatchObject({ kind: 'closed', site: 'fra1' });
    expect(state).toMatchObject({ why: expect.stringContaining('not all 2 sites are open at once') });
    expect(state).not.toHaveProperty('opensAt');
  });

  it('does not open while a calendar cannot be read', () => {
    const state = stateOf(
      { ams1: open('22:00', '23:00'), fra1: frozen('2026-02-30', '2026-06-02') },
      '2026-06-01T12:00Z',
    );

    expect(state).toMatchObject({ kind: 'closed', by: 'freeze', site: 'fra1' });
    expect(state).not.toHaveProperty('opensAt');
  });

  it('takes little time for a hundred sites that are never open at once', () => {
    const sites = new Map(
      Array.from({ length: 100 }, (_, n) => [`site${n}`, n % 2 ? open('22:00', '23:00') : open('23:00', '23:30')]),
    );
    windowStateOfAll(sites, at('2026-06-01T12:00Z'));

    // Microseconds of our own: what else the machine does is not counted.
    const began = process.cpuUsage();
    windowStateOfAll(sites, at('2026-06-01T12:00Z'));

    expect(process.cpuUsage(began).user).toBeLessThan(500_000);
  });
});
