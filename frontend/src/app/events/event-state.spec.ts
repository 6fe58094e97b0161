import { eventState } from './event-state';

const now = new Date('2026-12-05T18:30:00Z');
const event = {
  status: 'active',
  date_time: '2026-12-05T18:30:01Z',
  tickets_available: 1,
  bookable: true,
} as const;

describe('eventState', () => {
  it.each([
    ['open', {}],
    ['over', { date_time: '2026-12-05T18:30:00Z' }],
    ['over', { status: 'completed' }],
    ['cancelled', { status: 'cancelled', tickets_available: 0 }],
    ['sold-out', { tickets_available: 0, bookable: false }],
    ['closed', { bookable: false }],
  ] as const)('is %s for %j', (state, difference) => {
    expect(eventState({ ...event, ...difference }, now)).toBe(state);
  });
});
