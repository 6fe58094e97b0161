/** What a calendar needs to know of a booking. */
export interface CalendarEntry {
  bookingId: number;
  title: string;
  venue: string;
  /** RFC 3339 in UTC. */
  start: string;
  /** RFC 3339 in UTC; null: none is announced. */
  end: string | null;
  description: string;
  url: string;
}

const CRLF = '\r\n';
const LINE_OCTETS = 75;

/**
 * Calendars read an entry without an end as no time at all, or as an hour or a day. So an event that
 * announces no end gets a usual length. README.md lists it among the assumptions.
 */
const USUAL_LENGTH_MS = 2 * 60 * 60 * 1000;

/** An iCalendar file (RFC 5545). */
export function calendarFile(entry: CalendarEntry, now: Date): string {
  const start = new Date(entry.start);
  const end =
    entry.end === null ? new Date(start.getTime() + USUAL_LENGTH_MS) : new Date(entry.end);
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Marquee//Tickets//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    'BEGIN:VEVENT',
    // The same booking added twice is one entry.
    `UID:booking-${entry.bookingId}@${new URL(entry.url).hostname}`,
    `DTSTAMP:${utcStamp(now)}`,
    `DTSTART:${utcStamp(start)}`,
    `DTEND:${utcStamp(end)}`,
    `SUMMARY:${escapeText(entry.title)}`,
    `LOCATION:${escapeText(entry.venue)}`,
    `DESCRIPTION:${escapeText(entry.description)}`,
    `URL:${entry.url}`,
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return lines.map((line) => fold(line) + CRLF).join('');
}

function utcStamp(date: Date): string {
  return date
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '');
}

function escapeText(text: string): string {
  return (
    text
      .replaceAll('\\', '\\\\')
      .replaceAll(';', '\\;')
      .replaceAll(',', '\\,')
      .replaceAll(/\r\n|\r|\n/g, '\\n')
      // Other control characters are not allowed in any value.
      .replaceAll(/\p{Cc}/gu, ' ')
  );
}

/** Lines hold at most 75 octets; a fold must not cut a character in two. */
function fold(line: string): string {
  const encoder = new TextEncoder();
  let folded = '';
  let octets = 0;
  for (const character of line) {
    const size = encoder.encode(character).length;
    if (octets + size > LINE_OCTETS) {
      folded += `${CRLF} `;
      octets = 1;
    }
    folded += character;
    octets += size;
  }
  return folded;
}
