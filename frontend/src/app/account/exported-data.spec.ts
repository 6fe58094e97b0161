import { AccountExport } from '../api/shapes';
import { asHtml, sectionsOf } from './exported-data';

const data: AccountExport = {
  account: {
    id: 5,
    name: '<Ana & Co>',
    phone: '+4930123456',
    phone_verified_at: null,
    phone_lost_at: null,
    email: null,
    email_verified_at: null,
    optional_mail: true,
    role: 'customer',
    has_password: true,
    created_at: '2026-01-01T00:00:00Z',
    disabled_at: null,
  },
  currency: 'EUR',
  bookings: [
    {
      id: 42,
      event_id: 7,
      event_title: 'Jazz am Kanal',
      event_venue: 'Kulturschiff',
      event_date_time: '2026-12-05T18:30:00Z',
      event_time_zone: 'Europe/Berlin',
      quantity: 2,
      unit_price: '25.00',
      total_amount: '50.00',
      status: 'confirmed',
      booking_date: '2026-11-22T10:00:00Z',
      cancelled_at: null,
      booked_by: 5,
      idempotency_key: null,
      tickets: [
        { ticket_code: '7FDY9-S5J0F-BKKYT-F3Y6W-M', status: 'active', used_at: null },
        { ticket_code: '7FDY9-S5J0F-BKKYT-F3Y6W-N', status: 'active', used_at: null },
      ],
    },
  ],
  booked_for_others: [],
  notices: [],
  mails: [],
  mail_links: [],
  webhook_messages: [],
  sessions: [],
  calendar_since: null,
  known_devices: [],
  api_tokens: [],
  phone_code_requests: [],
  failed_sign_ins: [],
  password_reset_requests: [],
  messages_sent: [],
  event_requests: [],
  log: [
    {
      id: 1,
      at: '2026-11-22T10:00:00Z',
      action: 'user-changed',
      by_you: false,
      event_id: null,
      booking_id: null,
      ticket_id: null,
      detail: { new_password: true },
    },
  ],
};

const fields = (heading: string) =>
  Object.fromEntries(
    sectionsOf(data)
      .filter((section) => section.heading === heading)
      .flatMap(({ records }) => records.flat())
      .map(({ label, value }) => [label, value]),
  );

describe('exported data', () => {
  it('leaves out what is not there', () => {
    expect(sectionsOf(data).map(({ heading }) => heading)).toEqual(['Account', 'Bookings', 'Log']);
    expect(fields('Account')).toMatchObject({ Name: '<Ana & Co>', 'Has password': 'Yes' });
    expect(fields('Account')).not.toHaveProperty('E-mail');
  });

  it('shows times, tickets and details in words', () => {
    expect(fields('Bookings')['Booked']).toMatch(/Nov.*2026/);
    expect((fields('Bookings')['Tickets'] ?? '').split('\n')).toEqual([
      'Ticket code: 7FDY9-S5J0F-BKKYT-F3Y6W-M, Status: active',
      'Ticket code: 7FDY9-S5J0F-BKKYT-F3Y6W-N, Status: active',
    ]);
    expect(fields('Log')['Details']).toBe('New password: Yes');
  });

  it('has a section for everything the export has', () => {
    const one = [{ id: 1 }];
    const lists = Object.entries(data).filter(([, value]) => Array.isArray(value));
    const full = { ...data, ...Object.fromEntries(lists.map(([name]) => [name, one])) };
    const shown = sectionsOf(full as unknown as AccountExport);
    expect(shown).toHaveLength(lists.length + 1);
  });

  it('becomes a page in which no text is markup', () => {
    const page = new DOMParser().parseFromString(asHtml(sectionsOf(data)), 'text/html');
    expect(page.querySelector('dd + dt + dd')?.textContent).toBe('<Ana & Co>');
    expect(page.querySelectorAll('h2')).toHaveLength(3);
  });
});
