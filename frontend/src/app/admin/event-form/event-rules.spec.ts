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
});
