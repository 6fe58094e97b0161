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
 * An iCalendar file (RFC 5545). An event that announces no end has none here: a DTSTART without
 * DTEND is a moment, which the standard allows and calendars show as such.
 */
export function calendarFile(entry: CalendarEntry, now: Date): string {
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
    `DTSTART:${utcStamp(new Date(entry.start))}`,
    ...(entry.end === null ? [] : [`DTEND:${utcStamp(new Date(entry.end))}`]),
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
