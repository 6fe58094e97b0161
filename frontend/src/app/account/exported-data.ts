import { AccountExport } from '../api/shapes';
import { shortMoment } from '../formats/moment';

export interface DataField {
  label: string;
  value: string;
}

export interface DataSection {
  heading: string;
  about: string;
  /** What is not there is left out of a record. */
  records: DataField[][];
}

const SECTIONS: readonly [keyof AccountExport, string, string][] = [
  ['account', 'Account', 'Of your password only a hash is kept, which says nothing.'],
  ['bookings', 'Bookings', 'With their tickets, oldest first.'],
  ['booked_for_others', 'Bookings for customers', 'What you booked at the box office.'],
  ['notices', 'Notices', 'What you were told in the app.'],
  ['mails', 'Mails', 'Their words are made when they are sent, and are not kept.'],
  ['mail_links', 'Links in mails', 'Those that are still valid.'],
  [
    'webhook_messages',
    'Told to other programs',
    'Notices that were passed on, to send you a text.',
  ],
  ['sessions', 'Sessions', 'Where you are signed in. Of each only a hash of its token is kept.'],
  ['known_devices', 'Browsers you signed in with', 'For 180 days after they were last used.'],
  ['api_tokens', 'API tokens and door passes', 'That you made. Of each only a hash is kept.'],
  ['phone_code_requests', 'Codes for phones', 'That you had sent within the last hour.'],
  ['failed_sign_ins', 'Failed sign-ins', 'With your phone or mail address, in the last hour.'],
  ['password_reset_requests', 'Requests for a new password', 'Within the last hour.'],
  ['messages_sent', 'Messages to guests', 'What you wrote to the guests of events.'],
  ['event_requests', 'Requests that made events', 'So that a repeated one makes no second event.'],
  ['log', 'Log', 'What was done to your account and your bookings, and what you did.'],
];

const LABELS: Record<string, string> = {
  id: 'Number',
  phone_verified_at: 'Phone confirmed',
  phone_lost_at: 'Phone shown to be another user’s',
  email: 'E-mail',
  email_verified_at: 'E-mail confirmed',
  optional_mail: 'Reminders and messages by mail',
  created_at: 'Since',
  disabled_at: 'Disabled',
  calendar_since: 'Calendar address since',
  event_id: 'Number of the event',
  event_title: 'Event',
  event_venue: 'Venue',
  event_date_time: 'Begins',
  event_time_zone: 'Time zone',
  quantity: 'Tickets booked',
  unit_price: 'Price of a ticket',
  total_amount: 'Total',
  booking_date: 'Booked',
  cancelled_at: 'Cancelled',
  booked_by: 'Booked by the user with the number',
  idempotency_key: 'Key of the request',
  tickets: 'Tickets',
  booking_id: 'Number of the booking',
  ticket_id: 'Number of the ticket',
  notice_id: 'Number of the notice',
  at: 'When',
  read_at: 'Read',
  kind: 'About',
  detail: 'Details',
  address: 'Address',
  purpose: 'For',
  sent_at: 'Sent',
  delivered_at: 'Delivered',
  given_up_at: 'Given up',
  last_error: 'Error',
  expires_at: 'Valid until',
  host: 'Program at',
  body: 'Message',
  network: 'From the network address',
  browser: 'Browser',
  last_seen_at: 'Last used',
  last_used_at: 'Last used',
  last_used_on: 'Last used',
  revoked_at: 'Revoked',
  scopes: 'May be used for',
  account: 'For',
  people: 'Guests',
  action: 'What',
  by_you: 'By you',
};

/** Everything that is kept about somebody, to be read. */
export function sectionsOf(data: AccountExport): DataSection[] {
  return SECTIONS.map(([name, heading, about]) => ({
    heading,
    about,
    records: recordsOf(name, data),
  })).filter(({ records }) => records.length > 0);
}

function recordsOf(name: keyof AccountExport, data: AccountExport): DataField[][] {
  if (name === 'account') {
    const { account, calendar_since, currency } = data;
    return [fieldsOf({ ...account, calendar_since, currency })];
  }
  return (data[name] as object[]).map(fieldsOf);
}

function fieldsOf(record: object): DataField[] {
  return Object.entries(record)
    .filter(([, value]) => value !== null && !isEmpty(value))
    .map(([name, value]) => ({ label: labelOf(name), value: shown(value) }));
}

function labelOf(name: string): string {
  const words = LABELS[name] ?? name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function shown(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (Array.isArray(value)) return value.map((part) => shown(part)).join('\n');
  if (typeof value === 'object' && value !== null) {
    return fieldsOf(value)
      .map((field) => `${field.label}: ${field.value}`)
      .join(', ');
  }
  const text = String(value);
  return /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-])/.test(text) ? shortMoment(text) : text;
}

/** The same as a page of its own, to be kept. */
export function asHtml(sections: DataSection[]): string {
  const body = sections
    .map(({ heading, about, records }) => {
      const rows = records.map((fields) => `<dl>${fields.map(row).join('')}</dl>`).join('<hr>');
      return `<h2>${escaped(heading)}</h2><p>${escaped(about)}</p>${rows}`;
    })
    .join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Your data</title>
<style>body{font-family:sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}
dt{font-weight:bold}dd{margin:0 0 .5rem;white-space:pre-line;overflow-wrap:anywhere}</style></head>
<body><h1>Your data</h1>${body}</body></html>`;
}

function row({ label, value }: DataField): string {
  return `<dt>${escaped(label)}</dt><dd>${escaped(value)}</dd>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
