import { Delivery, Token, UserAccount, Webhook } from '../app/api/admin-shapes';
import { Account, Booking, EventDetails, User } from '../app/api/shapes';

/** What an organiser may leave out. */
const noFacts = {
  end_time: null,
  ends_at: null,
  address: null,
  minimum_age: null,
  access_note: null,
  organiser_contact: null,
};

export const sampleEvent: EventDetails = {
  id: 7,
  title: 'Jazz am Kanal',
  description: 'A quartet on a boat.\n\nBring a coat.',
  venue: 'Kulturschiff',
  date_time: '2099-12-05T18:30:00Z',
  time_zone: 'Europe/Berlin',
  utc_offset: '+01:00',
  capacity: 200,
  price: '25.00',
  currency: 'EUR',
  max_tickets_per_booking: 10,
  max_tickets_per_customer: null,
  status: 'active',
  bookable: true,
  sale_starts_at: null,
  sale_ends_at: null,
  open_to_customers: true,
  closed_reason: null,
  tickets_available: 146,
  doors_open: null,
  payment_note: null,
  how_to_pay: null,
  cancellation_reason: null,
  ...noFacts,
  category: null,
  poster_seed: 397308498,
  version: 1,
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
};

export const sampleUser: User = {
  id: 5,
  name: 'Ana',
  phone: '+4930123456',
  role: 'customer',
  created_at: '2026-01-01T00:00:00Z',
};

/** The account of `sampleUser`, as its own page shows it. */
export const sampleAccount: Account = {
  id: 5,
  name: 'Ana',
  phone: '+4930123456',
  email: 'ana@example.org',
  email_verified: true,
  optional_mail: true,
  has_password: true,
  phone_verified: true,
  phone_lost: false,
  sends_phone_codes: false,
};

export const sampleUserAccount: UserAccount = {
  ...sampleUser,
  disabled_at: null,
  phone_verified: true,
  phone_lost: false,
  has_password: true,
};

export const sampleBooking: Booking = {
  id: 42,
  user_id: 5,
  event_id: 7,
  quantity: 2,
  unit_price: '25.00',
  total_amount: '50.00',
  currency: 'EUR',
  status: 'confirmed',
  booking_date: '2026-11-22T10:00:00Z',
  cancelled_at: null,
  cancelled_before_event: false,
  booked_by: 5,
  cancellable: true,
  event: {
    id: 7,
    title: 'Jazz am Kanal',
    venue: 'Kulturschiff',
    date_time: '2099-12-05T18:30:00Z',
    time_zone: 'Europe/Berlin',
    utc_offset: '+01:00',
    status: 'active',
    bookable: true,
    doors_open: null,
    how_to_pay: null,
    cancellation_reason: null,
    ...noFacts,
    poster_seed: 397308498,
  },
  changes: [],
  tickets: [
    { id: 91, ticket_code: '7FDY9-S5J0F-BKKYT-F3Y6W-M', status: 'active', used_at: null },
    { id: 92, ticket_code: 'QQDY9-S5J0F-BKKYT-F3Y6W-X', status: 'active', used_at: null },
  ],
};

export const sampleWebhook: Webhook = {
  id: 3,
  url: 'https://hooks.example.org/marquee',
  types: [],
  event_id: null,
  event_title: null,
  created_at: '2026-11-20T10:00:00Z',
  failing_since: null,
  disabled_at: null,
  gone_at: null,
  previous_until: null,
};

export const sampleToken: Token = {
  id: 3,
  name: 'Till',
  scopes: ['box-office', 'reports'],
  is_pass: false,
  event_id: null,
  event_title: null,
  user_id: 1,
  user_name: 'Theo Admin',
  created_at: '2026-11-20T10:00:00Z',
  expires_at: '2027-02-20T10:00:00Z',
  revoked_at: null,
  last_used_on: null,
  usable: true,
};

export const sampleDelivery: Delivery = {
  id: 41,
  message_id: 'fact_booking_7',
  type: 'booking.confirmed',
  created_at: '2026-11-22T10:00:00Z',
  attempts: 1,
  attempted_at: '2026-11-22T10:00:01Z',
  next_attempt_at: null,
  delivered_at: '2026-11-22T10:00:01Z',
  given_up_at: null,
  last_status: 204,
  last_error: null,
};
