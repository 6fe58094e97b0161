import { inputBinding } from '@angular/core';
import { showPage } from '../../testing/page';
import { When } from './when';

const MOMENT = '2026-12-05T18:30:00Z';
const BERLIN = { time_zone: 'Europe/Berlin', utc_offset: '+01:00' };

describe('When', () => {
  function show(format: string, clock = BERLIN, forReader = false) {
    const page = showPage(When, [
      inputBinding('moment', () => MOMENT),
      inputBinding('clock', () => clock),
      inputBinding('format', () => format),
      inputBinding('forReader', () => forReader),
    ]);
    return page.fixture.nativeElement as HTMLElement;
  }

  it.each([
    ['long', /^\s*Saturday\D*5\D*2026, .*30.* (CET|GMT\+1)\s*$/],
    ['short', /^\s*Sat\b.*2026, .*30.* (CET|GMT\+1)\s*$/],
    ['time', /^\s*\d+:30.* (CET|GMT\+1)\s*$/],
  ])('says %s', (format, words) => {
    const time = show(format).querySelector('time');
    expect(time?.getAttribute('datetime')).toBe(MOMENT);
    expect(time?.textContent).toMatch(words);
  });

  it.each([
    [true, /where you are/],
    [false, /^((?!where you are)[^])*$/],
  ])('adds the time on the clock of the reader if asked: %s', (forReader, words) => {
    const nepal = { time_zone: 'Asia/Kathmandu', utc_offset: '+05:45' };
    expect(show('long', nepal, forReader).textContent).toMatch(words);
  });
});
