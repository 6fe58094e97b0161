import { eventState } from './event-state';

const event = { status: 'active', tickets_available: 1, bookable: true } as const;

describe('eventState', () => {
  it.each([
    ['open', {}],
    ['over', { bookable: false }],
    ['over', { bookable: false, tickets_available: 0 }],
    ['over', { status: 'completed', bookable: false }],
    ['cancelled', { status: 'cancelled', bookable: false, tickets_available: 0 }],
    ['sold-out', { tickets_available: 0 }],
  ] as const)('is %s for %j', (state, difference) => {
    expect(eventState({ ...event, ...difference })).toBe(state);
  });
});
