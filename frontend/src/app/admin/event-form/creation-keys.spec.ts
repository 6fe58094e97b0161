import { EventInput } from '../../api/shapes';
import { CreationKeys } from './creation-keys';

const EVENT: EventInput = {
  title: 'Jazz',
  description: '',
  venue: 'Hall',
  date_time: '2098-07-01T19:00:00Z',
  time_zone: 'Europe/Berlin',
  capacity: 5,
  price: '10.00',
  max_tickets_per_booking: 10,
};

describe('the idempotency key of a new event', () => {
  it('stays while the same event is asked for, and only then', () => {
    const keys = new CreationKeys();
    const first = keys.keyOf(EVENT);

    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(keys.keyOf({ ...EVENT, capacity: 6 })).not.toBe(first);
    expect(keys.keyOf({ ...EVENT })).toBe(first);
    expect(new CreationKeys().keyOf(EVENT)).not.toBe(first);
  });
});
