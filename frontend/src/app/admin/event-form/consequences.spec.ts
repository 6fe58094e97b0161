import { sampleEvent } from '../../../testing/samples';
import { consequences } from './consequences';

describe('consequences', () => {
  const event = {
    ...sampleEvent,
    open_to_box_office: true,
    statistics: { bookings: 42, tickets_sold: 64, tickets_checked_in: 3, revenue: '1350.00' },
  };
  const nothing = { bookings: 0, tickets_sold: 0, tickets_checked_in: 0, revenue: '0.00' };

  it('counts what cancelling cancels, and what stays', () => {
    const { lines } = consequences(event, 'cancelled');
    expect(lines[0]).toContain('This cancels 42 bookings and 61 tickets');
    expect(lines[1]).toBe('3 used tickets stay used.');
    expect(lines[2]).toContain('€1,350.00');
    expect(lines.at(-1)).toContain('cannot be undone');
  });

  it('says who returns the money, and whom guests are told to ask', () => {
    expect(consequences({ ...event, organiser_contact: null }, 'cancelled').lines[3]).toBe(
      'Marquee records no payments. Guests are told that you return what they have paid.' +
        ' The event names no contact, so they do not read whom to ask.',
    );
    const named = { ...event, organiser_contact: 'box@example.org' };
    expect(consequences(named, 'cancelled').lines[3]).toContain('and to ask box@example.org.');
    const free = { ...event.statistics, revenue: '0.00' };
    const lines = consequences({ ...event, statistics: free }, 'cancelled').lines;
    expect(lines.join(' ')).not.toContain('paid');
  });

  it('speaks of one ticket as of one', () => {
    const one = { bookings: 1, tickets_sold: 199, tickets_checked_in: 1, revenue: '25.00' };
    expect(consequences({ ...event, statistics: one }, 'cancelled').lines[1]).toBe(
      '1 used ticket stays used.',
    );
    expect(consequences({ ...event, statistics: one }, 'completed').lines[0]).toContain(
      '1 unsold ticket goes off sale.',
    );
  });

  it('says so when nobody has booked', () => {
    const { lines } = consequences({ ...event, statistics: nothing }, 'cancelled');
    expect(lines[0]).toBe('Nobody has booked: no booking is cancelled.');
    expect(lines).toHaveLength(2);
  });

  it('counts what completing takes off sale and leaves alone', () => {
    const { lines } = consequences(event, 'completed');
    expect(lines[0]).toContain('136 unsold tickets go off sale');
    expect(lines[1]).toContain('42 bookings and 64 tickets stay');
  });
});
