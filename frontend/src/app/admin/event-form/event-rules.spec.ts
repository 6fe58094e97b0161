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
  ])('refuses a capacity below the tickets sold, with %d left', (tickets_available, message) => {
    const event = { ...sampleEvent, tickets_available };
    const draft = signal({ ...draftOf(event), capacity: '0' });
    const { capacity } = TestBed.runInInjectionContext(() =>
      form(draft, (path) =>
        eventRules(
          path,
          () => event,
          () => 2,
          Date.now,
        ),
      ),
    );
    expect(
      capacity()
        .errors()
        .map((error) => error.message),
    ).toContain(message);
  });

  it.each([
    ['', '', [], []],
    ['2099-12-01T10:00', '2099-12-05T19:30', [], []],
    ['2099-12-05T19:30', '', ['The sale must start before the event does.'], []],
    ['', '2099-12-05T19:31', [], ['The sale must end when the event starts, or earlier.']],
    ['2099-12-01T10:00', '2099-12-01T10:00', [], ['The sale must end after it starts.']],
    ['20991-12-01T10:00', '', ['The sale must start before the event does.'], []],
  ])('says of a sale from %j until %j: %j and %j', (starts, ends, ofStart, ofEnd) => {
    const draft = signal({ ...draftOf(sampleEvent), sale_starts_at: starts, sale_ends_at: ends });
    const fields = TestBed.runInInjectionContext(() =>
      form(draft, (path) =>
        eventRules(
          path,
          () => sampleEvent,
          () => 2,
          Date.now,
        ),
      ),
    );
    const messages = (field: typeof fields.sale_starts_at) =>
      field()
        .errors()
        .map((error) => error.message);
    expect(messages(fields.sale_starts_at)).toEqual(ofStart);
    expect(messages(fields.sale_ends_at)).toEqual(ofEnd);
  });

  it.each([
    ['2500', 0, []],
    ['2500.00', 0, []],
    ['2500,5', 0, ['The price can have no decimals.']],
    ['12.50', 2, []],
    ['12.505', 2, ['The price can have at most 2 decimals.']],
    ['1.125', 3, []],
    ['1.1255', 3, ['The price can have at most 3 decimals.']],
    ['much', 0, ['An amount like 25, at most 99,999,999.99.']],
    ['much', 2, ['An amount like 25 or 12.50, at most 99,999,999.99.']],
  ])('says of the price %s in a currency with %d decimals: %j', (typed, decimals, messages) => {
    const draft = signal({ ...draftOf(sampleEvent), price: typed });
    const { price } = TestBed.runInInjectionContext(() =>
      form(draft, (path) =>
        eventRules(
          path,
          () => sampleEvent,
          () => decimals,
          Date.now,
        ),
      ),
    );
    expect(
      price()
        .errors()
        .map((error) => error.message),
    ).toEqual(messages);
  });

  it.each([
    ['20270-01-15T19:30', 'It must start before the year 2100.'],
    ['2100-01-01T12:00', 'It must start before the year 2100.'],
    ['0027-01-15T19:30', 'This is in the past.'],
    [
      '2099-03-29T02:30',
      'The clocks in Europe/Berlin skip this time: they are put forward over it.',
    ],
  ])('explains the error in %s', (date_time, message) => {
    const draft = signal({ ...draftOf(sampleEvent), date_time });
    const fields = TestBed.runInInjectionContext(() =>
      form(draft, (path) =>
        eventRules(
          path,
          () => sampleEvent,
          () => 2,
          Date.now,
        ),
      ),
    );
    expect(
      fields
        .date_time()
        .errors()
        .map((error) => error.message),
    ).toEqual([message]);
  });

  it.each([
    ['2026-12-05T17:00:00Z', []],
    ['2026-12-05T18:00:00Z', ['This is in the past.']],
  ])('asks for a start that is to come at %s, whatever the device’s time is', (now, messages) => {
    const draft = signal({ ...draftOf(sampleEvent), date_time: '2026-12-05T18:30' });
    const fields = TestBed.runInInjectionContext(() =>
      form(draft, (path) =>
        eventRules(
          path,
          () => undefined,
          () => 2,
          () => Date.parse(now),
        ),
      ),
    );
    expect(
      fields
        .date_time()
        .errors()
        .map((error) => error.message),
    ).toEqual(messages);
  });

  it('takes a time in a zone that the browser does not know', () => {
    const far = { ...sampleEvent, time_zone: 'Mars/Olympus', utc_offset: '-03:00' };
    const draft = signal({ ...draftOf(far), date_time: '2098-03-30T02:30' });
    const fields = TestBed.runInInjectionContext(() =>
      form(draft, (path) =>
        eventRules(
          path,
          () => far,
          () => 2,
          Date.now,
        ),
      ),
    );
    expect(fields.date_time().errors()).toEqual([]);
  });
});
