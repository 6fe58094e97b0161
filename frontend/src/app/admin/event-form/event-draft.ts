import { EventDetails, EventInput } from '../../api/shapes';
import { withDecimals } from '../../formats/money';
import { UTC, VenueClock } from '../../formats/venue-clock';
import { newPosterSeed } from '../../ui/poster-art';
import { momentsOf, WallTime, wallTimeAt } from './wall-time';

/** An event as its form holds it: everything as it is typed. */
export interface EventDraft {
  title: string;
  description: string;
  venue: string;
  date_time: WallTime;
  time_zone: string;
  capacity: string;
  price: string;
  max_tickets_per_booking: string;
  doors_open: string;
  payment_note: string;
  end_time: string;
  address: string;
  minimum_age: string;
  access_note: string;
  organiser_contact: string;
  category: string;
  poster_seed: string;
  sale_starts_at: WallTime | '';
  sale_ends_at: WallTime | '';
  max_tickets_per_customer: string;
}

export type DraftField = keyof EventDraft;

export const DRAFT_FIELDS: readonly { field: DraftField; words: string }[] = [
  { field: 'title', words: 'Title' },
  { field: 'description', words: 'Description' },
  { field: 'venue', words: 'Venue' },
  { field: 'date_time', words: 'Date and time' },
  { field: 'time_zone', words: 'Time zone' },
  { field: 'capacity', words: 'Capacity' },
  { field: 'price', words: 'Price' },
  { field: 'max_tickets_per_booking', words: 'Tickets in one booking' },
  { field: 'doors_open', words: 'Doors' },
  { field: 'payment_note', words: 'How to pay' },
  { field: 'end_time', words: 'End' },
  { field: 'address', words: 'Address' },
  { field: 'minimum_age', words: 'Minimum age' },
  { field: 'access_note', words: 'Access' },
  { field: 'organiser_contact', words: 'Contact' },
  { field: 'category', words: 'Category' },
  { field: 'poster_seed', words: 'Poster' },
  { field: 'sale_starts_at', words: 'On sale from' },
  { field: 'sale_ends_at', words: 'On sale until' },
  { field: 'max_tickets_per_customer', words: 'Tickets for one customer' },
];

const TOLD_FIELDS: readonly DraftField[] = [
  'date_time',
  'time_zone',
  'venue',
  'address',
  'doors_open',
  'end_time',
  'minimum_age',
  'access_note',
];

export function emptyDraft(timeZone: string): EventDraft {
  return {
    title: '',
    description: '',
    venue: '',
    date_time: '',
    time_zone: timeZone,
    capacity: '',
    price: '',
    max_tickets_per_booking: '10',
    doors_open: '',
    payment_note: '',
    end_time: '',
    address: '',
    minimum_age: '',
    access_note: '',
    organiser_contact: '',
    category: '',
    poster_seed: String(newPosterSeed()),
    sale_starts_at: '',
    sale_ends_at: '',
    max_tickets_per_customer: '',
  };
}

export function draftOf(event: EventDetails): EventDraft {
  return {
    title: event.title,
    description: event.description,
    venue: event.venue,
    date_time: wallTimeAt(event.date_time, event),
    time_zone: event.time_zone,
    capacity: String(event.capacity),
    price: event.price,
    max_tickets_per_booking: String(event.max_tickets_per_booking),
    doors_open: event.doors_open ?? '',
    payment_note: event.payment_note ?? '',
    end_time: event.end_time ?? '',
    address: event.address ?? '',
    minimum_age: event.minimum_age === null ? '' : String(event.minimum_age),
    access_note: event.access_note ?? '',
    organiser_contact: event.organiser_contact ?? '',
    category: event.category ?? '',
    poster_seed: String(event.poster_seed),
    sale_starts_at: wallTimeIfGiven(event.sale_starts_at, event),
    sale_ends_at: wallTimeIfGiven(event.sale_ends_at, event),
    max_tickets_per_customer: String(event.max_tickets_per_customer ?? ''),
  };
}

/** The clock of the chosen zone. The browser knows it, unless it is the one the event had before. */
export function clockOf(zone: string, base?: EventDetails): VenueClock {
  return base !== undefined && zone === base.time_zone ? base : { ...UTC, time_zone: zone };
}

/** Whether an event would start when it did before. */
export function startIsUntouched(
  draft: Pick<EventDraft, 'date_time' | 'time_zone'>,
  base?: EventDetails,
): boolean {
  return (
    base !== undefined &&
    draft.time_zone === base.time_zone &&
    draft.date_time === wallTimeAt(base.date_time, base)
  );
}

/** Whether an edit changes what guests may have to be told. The server says whether they are. */
export function changesForGuests(draft: EventDraft, base: EventDetails): boolean {
  const before = draftOf(base);
  return TOLD_FIELDS.some((field) => draft[field].trim() !== before[field]);
}

/**
 * What to send for a valid draft. A time that was not touched goes back as the moment it was:
 * wall time has no seconds, and once a year an hour comes twice.
 */
export function inputOf(draft: EventDraft, base?: EventDetails): EventInput {
  return {
    title: draft.title,
    description: draft.description,
    venue: draft.venue,
    date_time:
      base !== undefined && startIsUntouched(draft, base) ? base.date_time : draft.date_time,
    time_zone: draft.time_zone,
    capacity: Number(draft.capacity.trim()),
    price: decimal(draft.price),
    max_tickets_per_booking: Number(draft.max_tickets_per_booking.trim()),
    doors_open: draft.doors_open || null,
    payment_note: draft.payment_note.trim() || null,
    ...factsOf(draft),
    poster_seed: Number(draft.poster_seed),
    sale_starts_at: saleTimeOf(draft, 'sale_starts_at', base),
    sale_ends_at: saleTimeOf(draft, 'sale_ends_at', base),
    max_tickets_per_customer: wholeIfGiven(draft.max_tickets_per_customer),
  };
}

function wallTimeIfGiven(moment: string | null, clock: VenueClock): WallTime | '' {
  return moment === null ? '' : wallTimeAt(moment, clock);
}

/** As for the start: a time that was not touched goes back as the moment it was. */
function saleTimeOf(
  draft: EventDraft,
  field: 'sale_starts_at' | 'sale_ends_at',
  base?: EventDetails,
): string | null {
  const before = base?.[field] ?? null;
  const untouched =
    base !== undefined &&
    draft.time_zone === base.time_zone &&
    draft[field] === wallTimeIfGiven(before, base);
  return untouched ? before : draft[field] || null;
}

function factsOf(draft: EventDraft) {
  return {
    end_time: draft.end_time || null,
    address: draft.address.trim() || null,
    minimum_age: wholeIfGiven(draft.minimum_age),
    access_note: draft.access_note.trim() || null,
    organiser_contact: draft.organiser_contact.trim() || null,
    category: draft.category.trim() || null,
  };
}

/** “12,50” is what a German keyboard types. */
export function decimal(price: string): string {
  return price.trim().replace(',', '.');
}

/** Whether a price has no more decimals than its currency; zeros after those do no harm. */
export function isPrice(price: string, decimals: number): boolean {
  const fraction = price.split('.')[1] ?? '';
  return /^\d{1,8}(\.\d+)?$/.test(price) && fraction.replace(/0+$/, '').length <= decimals;
}

/** The price as the API writes it. Text that is no price is returned as it was typed. */
export function plainPrice(typed: string, decimals: number): string {
  const price = decimal(typed);
  return isPrice(price, decimals) ? withDecimals(price, decimals) : typed;
}

/** The event as customers will see it, as far as it can be told by now. */
export function previewOf(
  draft: EventDraft,
  { currency, decimals }: { currency: string; decimals: number },
  base?: EventDetails,
): EventDetails {
  const clock = clockOf(draft.time_zone, base);
  const [moment] = momentsOf(draft.date_time, clock);
  const capacity = wholeOr(draft.capacity, 100);
  const sold = base === undefined ? 0 : base.capacity - base.tickets_available;
  const price = decimal(draft.price);
  const nextMonth = Date.now() + 30 * 86_400_000;
  return {
    id: base?.id ?? 0,
    title: draft.title.trim() || 'Title',
    description: draft.description.trim(),
    venue: draft.venue.trim() || 'Venue',
    date_time: new Date(moment ?? nextMonth).toISOString(),
    time_zone: draft.time_zone,
    utc_offset: clock.utc_offset,
    capacity,
    price: withDecimals(isPrice(price, decimals) ? price : '0', decimals),
    currency,
    max_tickets_per_booking: wholeOr(draft.max_tickets_per_booking, 10),
    max_tickets_per_customer: wholeIfGiven(draft.max_tickets_per_customer),
    status: base?.status ?? 'active',
    // By the clock of this device, because the server has not seen this time yet.
    bookable: (moment ?? nextMonth) > Date.now(),
    ...previewOfSale(draft, clock),
    tickets_available: Math.max(capacity - sold, 0),
    doors_open: draft.doors_open || null,
    payment_note: draft.payment_note.trim() || null,
    how_to_pay: draft.payment_note.trim() || null,
    cancellation_reason: null,
    ...factsOf(draft),
    ends_at: null,
    poster_seed: Number(draft.poster_seed),
    version: base?.version ?? 1,
    created_at: base?.created_at ?? '',
    updated_at: base?.updated_at ?? '',
  };
}

function previewOfSale(draft: EventDraft, clock: VenueClock) {
  const [starts] = momentsOf(draft.sale_starts_at, clock);
  const [ends] = momentsOf(draft.sale_ends_at, clock);
  const now = Date.now();
  const early = starts !== undefined && starts > now;
  const late = ends !== undefined && ends <= now;
  return {
    sale_starts_at: starts === undefined ? null : new Date(starts).toISOString(),
    sale_ends_at: ends === undefined ? null : new Date(ends).toISOString(),
    open_to_customers: !early && !late,
    closed_reason: early ? ('not-yet-on-sale' as const) : late ? ('sale-ended' as const) : null,
  };
}

function wholeIfGiven(text: string): number | null {
  return text.trim() === '' ? null : Number(text.trim());
}

function wholeOr(text: string, otherwise: number): number {
  return /^\d{1,7}$/.test(text.trim()) ? Number(text) : otherwise;
}
