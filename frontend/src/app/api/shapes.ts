/** The shapes the API answers with, named once for the whole application. */
export type EventStatus = 'active' | 'cancelled' | 'completed';

export interface EventDetails {
  id: number;
  title: string;
  description: string;
  venue: string;
  date_time: string;
  time_zone: string;
  capacity: number;
  price: string;
  currency: string;
  max_tickets_per_booking: number;
  status: EventStatus;
  bookable: boolean;
  tickets_available: number;
  version: number;
  created_at: string;
  updated_at: string;
}

export interface Ticket {
  id: number;
  ticket_code: string;
  status: 'active' | 'used' | 'cancelled';
  used_at: string | null;
}

export interface BookedEvent {
  id: number;
  title: string;
  venue: string;
  date_time: string;
  time_zone: string;
  status: EventStatus;
}

export interface Booking {
  id: number;
  user_id: number;
  event_id: number;
  quantity: number;
  unit_price: string;
  total_amount: string;
  currency: string;
  status: 'confirmed' | 'cancelled';
  booking_date: string;
  cancelled_at: string | null;
  cancellable: boolean;
  event: BookedEvent;
  tickets: Ticket[];
}

export interface User {
  id: number;
  name: string;
  phone: string;
  role: 'customer' | 'admin';
  created_at: string;
}

export interface Session {
  user: User | null;
  expires_at: string | null;
}

export interface DemoAccount {
  phone: string;
  password: string;
  role: 'customer' | 'admin';
}

export interface Config {
  currency: string;
  default_region: string;
  demo_accounts: DemoAccount[];
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}
