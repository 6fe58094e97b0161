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

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}
