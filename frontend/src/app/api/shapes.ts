import { components } from './api-types.gen';

type Schemas = components['schemas'];

/** The shapes the API answers with; api-types.gen.ts has them from its OpenAPI document. */
export type EventDetails = Schemas['Event'];
export type EventStatus = EventDetails['status'];
export type Booking = Schemas['Booking'];
export type BookedEvent = Schemas['BookedEvent'];
export type Ticket = Schemas['Ticket'];
export type User = Schemas['User'];
export type Session = Schemas['Session'];
export type Config = Schemas['Config'];
export type DemoAccount = Schemas['DemoAccount'];

/** What the API takes. A member with a default may be left out; the generated types require it. */
export type NewBooking = Optional<Schemas['NewBooking'], 'user_id'>;
export type NewUser = Optional<Omit<Schemas['NewUser'], 'role'>, 'password'>;
export type EditedUser = Schemas['EditedUser'];
/** An event without its status and the reason for it, which creating and ending set. */
export type EventInput = Omit<Schemas['EditedEvent'], 'status' | 'cancellation_reason'>;

type Optional<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}
