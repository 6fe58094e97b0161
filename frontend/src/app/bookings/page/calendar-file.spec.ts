import { calendarFile, CalendarEntry } from './calendar-file';

const entry: CalendarEntry = {
  bookingId: 42,
  title: 'Macbeth',
  venue: 'Thalia',
  start: '2027-03-01T19:00:00Z',
  end: null,
  description: '1 ticket',
  url: 'https://tickets.example/bookings/42',
};
const now = new Date('2027-01-02T03:04:05.678Z');

/** As a calendar reads it: unfolded, one entry a property. */
function properties(file: string): Record<string, string> {
  const lines = file.replaceAll('\r\n ', '').trimEnd().split('\r\n');
  return Object.fromEntries(lines.map((line) => line.split(/:(.*)/s).slice(0, 2)));
}

describe('calendarFile', () => {
  it('starts in UTC and ends two hours later', () => {
    const read = properties(calendarFile(entry, now));
    expect(read['DTSTART']).toBe('20270301T190000Z');
    expect(read['DTSTAMP']).toBe('20270102T030405Z');
    expect(read['DTEND']).toBe('20270301T210000Z');
  });

  it('ends when the event does', () => {
    const read = properties(calendarFile({ ...entry, end: '2027-03-01T21:30:00Z' }, now));
    expect(read['DTEND']).toBe('20270301T213000Z');
  });

  it('names the booking the same way every time', () => {
    expect(properties(calendarFile(entry, now))['UID']).toBe('booking-42@tickets.example');
  });

  it('escapes what means something in a calendar file', () => {
    const title = 'One; two, three\\ four\r\nfive\u0007';
    expect(properties(calendarFile({ ...entry, title }, now))['SUMMARY']).toBe(
      'One\\; two\\, three\\\\ four\\nfive ',
    );
  });

  it('cannot be made to hold another property', () => {
    const venue = 'Hall\r\nATTENDEE:mailto:a@b.example';
    expect(properties(calendarFile({ ...entry, venue }, now))).not.toHaveProperty('ATTENDEE');
  });

  it('folds lines at 75 octets without cutting a character', () => {
    const title = 'Nachtklänge 🎻 '.repeat(20);
    const file = calendarFile({ ...entry, title }, now);
    for (const line of file.split('\r\n')) {
      expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
    }
    expect(properties(file)['SUMMARY']).toBe(title);
  });

  it('ends every line with CRLF', () => {
    expect(calendarFile(entry, now)).toMatch(/\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n$/);
    expect(calendarFile(entry, now).replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  });
});
