import { eventState } from './event-state';

const event = {
  status: 'active',
  tickets_available: 1,
  bookable: true,
  closed_reason: null,
} as const;

describe('eventState', () => {
  it.each([
    ['open', {}],
    ['over', { bookable: false }],
    ['over', { bookable: false, tickets_available: 0 }],
    ['over', { status: 'completed', bookable: false }],
    ['cancelled', { status: 'cancelled', bookable: false, tickets_available: 0 }],
    ['sold-out', { tickets_available: 0 }],
    ['not-yet', { closed_reason: 'not-yet-on-sale' }],
    ['sale-ended', { closed_reason: 'sale-ended', tickets_available: 0 }],
    ['over', { bookable: false, closed_reason: 'started' }],
  ] as const)('is %s for %j', (state, difference) => {
    expect(eventState({ ...event, ...difference })).toBe(state);
  });
});
