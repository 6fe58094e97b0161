import { Booking, EventDetails, User } from '../app/api/shapes';

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
  status: 'active',
  bookable: true,
  tickets_available: 146,
  doors_open: null,
  payment_note: null,
  how_to_pay: null,
  cancellation_reason: null,
  ...noFacts,
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
  },
  changes: [],
  tickets: [
    { id: 91, ticket_code: '7FDY9-S5J0F-BKKYT-F3Y6W-M', status: 'active', used_at: null },
    { id: 92, ticket_code: 'QQDY9-S5J0F-BKKYT-F3Y6W-X', status: 'active', used_at: null },
  ],
};
