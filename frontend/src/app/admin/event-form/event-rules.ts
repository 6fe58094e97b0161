import { required, SchemaPath, SchemaPathTree, validate } from '@angular/forms/signals';
import { EventDetails } from '../../api/shapes';
import { countOf, formatCount } from '../../formats/count';
import { atMost, line } from '../../ui/text-rules';
import { clockOf, decimal, EventDraft, isPrice, startIsUntouched } from './event-draft';
import { momentsOf, WallTime } from './wall-time';

const MOST_CAPACITY = 1_000_000;
const MOST_AGE = 99;
const MOST_IN_A_NOTE = 500;
const MOST_IN_A_CATEGORY = 40;
const MOST_IN_ONE_BOOKING = 100;
const MOST_FOR_ONE_CUSTOMER = 10_000;
const TOO_LATE = 'It must start before the year 2100.';
const TOO_LATE_FOR_SALE = 'The sale must start before the event does.';

/**
 * The API's rules for an event, said while one types. `base` is the event that is edited, and
 * `decimals` is how many the currency has. `now` is the time by the server's clock.
 */
export function eventRules(
  path: SchemaPathTree<EventDraft>,
  base: () => EventDetails | undefined,
  decimals: () => number,
  now: () => number,
): void {
  line(path.title, 'Give the event a title.');
  atMost(path.description, 10_000);
  line(path.venue, 'Say where it takes place.');
  required(path.time_zone, { message: 'Choose the venue’s time zone.' });
  startRules(path, base, now);
  saleRules(path, base);
  whole(path.capacity, 'Say how many tickets there are.', MOST_CAPACITY);
  validate(path.capacity, ({ value }) => {
    const event = base();
    if (event === undefined) return null;
    const sold = event.capacity - event.tickets_available;
    const message = `${countOf(sold, 'ticket is', 'tickets are')} sold: the capacity cannot be less.`;
    return Number(value()) < sold ? { kind: 'sold', message } : null;
  });
  priceRules(path.price, decimals);
  atMost(path.payment_note, MOST_IN_A_NOTE);
  atMost(path.address, MOST_IN_A_NOTE);
  atMost(path.access_note, MOST_IN_A_NOTE);
  atMost(path.organiser_contact, MOST_IN_A_NOTE);
  atMost(path.category, MOST_IN_A_CATEGORY);
  wholeIfGiven(path.minimum_age, MOST_AGE);
  wholeIfGiven(path.max_tickets_per_customer, MOST_FOR_ONE_CUSTOMER);
  whole(
    path.max_tickets_per_booking,
    'Say how many tickets one booking may hold.',
    MOST_IN_ONE_BOOKING,
  );
}

function startRules(
  path: SchemaPathTree<EventDraft>,
  base: () => EventDetails | undefined,
  now: () => number,
): void {
  required(path.date_time, { message: 'Say when it starts.' });
  validate(path.date_time, ({ value, valueOf }) => {
    const zone = valueOf(path.time_zone);
    if (value() === '' || zone === '') return null;
    // Five digits are no year that a moment could be worked out for.
    if (/^\d{5}/.test(value())) return { kind: 'late', message: TOO_LATE };
    const [moment] = momentsOf(value(), clockOf(zone, base()));
    if (moment === undefined) {
      const message = `The clocks in ${zone} skip this time: they are put forward over it.`;
      return { kind: 'never', message };
    }
    if (new Date(moment).getUTCFullYear() >= 2100) {
      return { kind: 'late', message: TOO_LATE };
    }
    const untouched = startIsUntouched({ date_time: value(), time_zone: zone }, base());
    return moment <= now() && !untouched ? { kind: 'past', message: 'This is in the past.' } : null;
  });
}

/** A sale starts before the event does, and ends after that and at the latest with the start. */
function saleRules(path: SchemaPathTree<EventDraft>, base: () => EventDetails | undefined): void {
  const momentOf = (wallTime: WallTime, zone: string) =>
    wallTime === '' || zone === '' ? undefined : momentsOf(wallTime, clockOf(zone, base()))[0];
  for (const field of [path.sale_starts_at, path.sale_ends_at]) {
    validate(field, ({ value, valueOf }) => {
      const zone = valueOf(path.time_zone);
      if (value() === '' || zone === '' || momentOf(value(), zone) !== undefined) return null;
      const message = /^\d{4}-/.test(value())
        ? `The clocks in ${zone} skip this time: they are put forward over it.`
        : TOO_LATE_FOR_SALE;
      return { kind: 'never', message };
    });
  }
  validate(path.sale_starts_at, ({ value, valueOf }) => {
    const zone = valueOf(path.time_zone);
    const starts = momentOf(value(), zone);
    const event = momentOf(valueOf(path.date_time), zone);
    return starts !== undefined && event !== undefined && starts >= event
      ? { kind: 'late', message: TOO_LATE_FOR_SALE }
      : null;
  });
  validate(path.sale_ends_at, ({ value, valueOf }) => {
    const zone = valueOf(path.time_zone);
    const ends = momentOf(value(), zone);
    if (ends === undefined) return null;
    const starts = momentOf(valueOf(path.sale_starts_at), zone);
    if (starts !== undefined && ends <= starts) {
      return { kind: 'early', message: 'The sale must end after it starts.' };
    }
    const event = momentOf(valueOf(path.date_time), zone);
    return event !== undefined && ends > event
      ? { kind: 'late', message: 'The sale must end when the event starts, or earlier.' }
      : null;
  });
}

function whole(path: SchemaPath<string>, missing: string, most: number): void {
  required(path, { message: missing });
  wholeIfGiven(path, most);
}

function wholeIfGiven(path: SchemaPath<string>, most: number): void {
  validate(path, ({ value }) => {
    const text = value().trim();
    if (text === '') return null;
    if (!/^\d+$/.test(text)) return { kind: 'whole', message: 'Use digits only.' };
    const number = Number(text);
    return number < 1 || number > most
      ? { kind: 'range', message: `From 1 to ${formatCount(most)}.` }
      : null;
  });
}

function priceRules(path: SchemaPath<string>, decimals: () => number): void {
  required(path, { message: 'Say what a ticket costs; 0 is free.' });
  validate(path, ({ value }) => {
    const price = decimal(value());
    if (price === '' || isPrice(price, decimals())) return null;
    const message = /^\d{1,8}\.\d+$/.test(price)
      ? tooManyDecimals(decimals())
      : `An amount like 25${decimals() === 0 ? '' : ` or ${(12.5).toFixed(decimals())}`}, at most 99,999,999.99.`;
    return { kind: 'price', message };
  });
}

function tooManyDecimals(decimals: number): string {
  return decimals === 0
    ? 'The price can have no decimals.'
    : `The price can have at most ${decimals} decimals.`;
}
