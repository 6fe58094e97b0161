import { Booking, EventDetails, Page } from '../api/shapes';

/** What only admins are shown, in the API's shapes. */
export interface Statistics {
  bookings: number;
  tickets_sold: number;
  tickets_checked_in: number;
  revenue: string;
}

export interface AdminEvent extends EventDetails {
  statistics: Statistics;
}

export interface Totals extends Statistics {
  events: number;
  currency: string;
}

export interface AdminEventPage extends Page<AdminEvent> {
  totals: Totals | null;
}

export interface DaySales {
  date: string;
  bookings: number;
  tickets: number;
  revenue: string;
}

export interface Sales {
  time_zone: string;
  currency: string;
  items: DaySales[];
}

export interface IntegrityViolation {
  kind: string;
  table_name: string;
  row_id: number;
  expected: string | null;
  actual: string | null;
}

export interface Activity {
  id: number;
  at: string;
  actor_id: number | null;
  actor_name: string | null;
  action: string;
  event_id: number | null;
  event_title: string | null;
  booking_id: number | null;
  ticket_id: number | null;
  user_id: number | null;
  user_name: string | null;
  detail: ActivityDetail;
}

export interface ActivityDetail {
  was?: Record<string, unknown>;
  became?: Record<string, unknown>;
  bookings_cancelled?: number;
  tickets_cancelled?: number;
}

export interface Customer {
  id: number;
  name: string;
  phone: string;
}

/** A booking in its event's list. */
export interface EventBooking extends Pick<
  Booking,
  | 'id'
  | 'event_id'
  | 'quantity'
  | 'unit_price'
  | 'total_amount'
  | 'currency'
  | 'status'
  | 'booking_date'
  | 'cancelled_at'
> {
  tickets_checked_in: number;
  booked_by: number;
  customer: Customer;
}
