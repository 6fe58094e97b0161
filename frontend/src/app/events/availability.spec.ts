import { inputBinding } from '@angular/core';
import { showPage } from '../../testing/page';
import { sampleEvent } from '../../testing/samples';
import { Availability } from './availability';

describe('Availability', () => {
  it.each([
    [{ tickets_available: 1200 }, '1,200 tickets left'],
    [{ tickets_available: 4 }, 'Only 4 left'],
    [{ tickets_available: 10, capacity: 10 }, '10 tickets left'],
    [{ tickets_available: 3, capacity: 10 }, 'Only 3 left'],
    [{ tickets_available: 0 }, 'Sold out'],
    [{ status: 'cancelled' }, 'Cancelled'],
    [{ bookable: false }, 'Over'],
    [{ closed_reason: 'sale-ended' }, 'Sale ended'],
    [
      { closed_reason: 'not-yet-on-sale', sale_starts_at: '2099-11-06T09:00:00Z' },
      /^On sale from .*2099/,
    ],
  ] as const)('says of %j: %s', (difference, words) => {
    const event = { ...sampleEvent, ...difference };
    const { screen } = showPage(Availability, [inputBinding('event', () => event)]);
    expect(screen.getByText(words)).toBeTruthy();
  });
});
