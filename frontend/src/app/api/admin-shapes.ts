import { components } from './api-types.gen';

type Schemas = components['schemas'];

/** What only admins are shown, in the API's shapes. */
export type AdminEvent = Schemas['AdminEvent'];
export type AdminEventPage = Schemas['AdminEventPage'];
export type Totals = Schemas['Totals'];
export type Sales = Schemas['Sales'];
export type DaySales = Schemas['DaySales'];
export type Integrity = Schemas['Integrity'];
export type IntegritySweep = Schemas['IntegritySweep'];
export type IntegrityViolation = Schemas['IntegrityViolation'];
export type EventIntegrity = Schemas['EventIntegrity'];
export type Activity = Schemas['Activity'];
/** What is answered when a ticket is checked in. */
export type CheckIn = Schemas['CheckIn'];
export type Customer = Schemas['Customer'];
/** A booking in its event's list. */
export type EventBooking = Schemas['EventBooking'];

/** What the log says beside an action: what an edit changed, what cancelling an event cancelled. */
export interface ActivityDetail {
  was?: Record<string, unknown>;
  became?: Record<string, unknown>;
  bookings_cancelled?: number;
  tickets_cancelled?: number;
}
