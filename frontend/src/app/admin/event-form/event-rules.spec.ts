import { signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { form } from '@angular/forms/signals';
import { sampleEvent } from '../../../testing/samples';
import { draftOf } from './event-draft';
import { eventRules } from './event-rules';

describe('eventRules', () => {
  it.each([
    [199, '1 ticket is sold: the capacity cannot be less.'],
    [150, '50 tickets are sold: the capacity cannot be less.'],
  ])('keeps the capacity above what is sold with %d left', (tickets_available, message) => {
    const event = { ...sampleEvent, tickets_available };
    const draft = signal({ ...draftOf(event), capacity: '0' });
    const { capacity } = TestBed.runInInjectionContext(() =>
      form(draft, (path) => eventRules(path, () => event)),
    );
    expect(
      capacity()
        .errors()
        .map((error) => error.message),
    ).toContain(message);
  });

  it.each([
    ['20270-01-15T19:30', 'It must start before the year 2100.'],
    ['2100-01-01T12:00', 'It must start before the year 2100.'],
    ['0027-01-15T19:30', 'This is in the past.'],
    [
      '2099-03-29T02:30',
      'The clocks in Europe/Berlin skip this time: they are put forward over it.',
    ],
  ])('says what is wrong with %s', (date_time, message) => {
    const draft = signal({ ...draftOf(sampleEvent), date_time });
    const fields = TestBed.runInInjectionContext(() =>
      form(draft, (path) => eventRules(path, () => sampleEvent)),
    );
    expect(
      fields
        .date_time()
        .errors()
        .map((error) => error.message),
    ).toEqual([message]);
  });

  it('takes a time in a zone that the browser does not know', () => {
    const far = { ...sampleEvent, time_zone: 'Mars/Olympus', utc_offset: '-03:00' };
    const draft = signal({ ...draftOf(far), date_time: '2098-03-30T02:30' });
    const fields = TestBed.runInInjectionContext(() =>
      form(draft, (path) => eventRules(path, () => far)),
    );
    expect(fields.date_time().errors()).toEqual([]);
  });
});
