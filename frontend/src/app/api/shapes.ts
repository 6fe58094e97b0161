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
export type SecondFactor = Schemas['SecondFactor'];
export type SecondFactorSetup = Schemas['SecondFactorSetup'];
export type OwnSession = Schemas['OwnSession'];
/** The door that a pass has opened on this phone. */
export type DoorAccess = Schemas['DoorAccess'];
/** An event as its door crew sees it. */
export type DoorEvent = Schemas['Door'];
/** How many tickets of an event one customer may have, and has. */
export type CustomerLimit = Schemas['CustomerLimit'];
export type Config = Schemas['Config'];
export type EventPage = Schemas['EventPage'];
export type PhoneReading = Schemas['PhoneReading'];
export type Account = Schemas['Account'];
export type AccountExport = Schemas['AccountExport'];
/** A code is on its way to a phone. */
export type PhoneCodeSent = Schemas['PhoneCodeSent'];
export type CalendarState = Schemas['CalendarState'];
export type NewCalendar = Schemas['NewCalendar'];
export type Notice = Schemas['Notice'];
export type DemoAccount = Schemas['DemoAccount'];

/** A body as the API takes it: members with a default are optional, unlike in the generated types. */
export type NewBooking = Optional<Schemas['NewBooking'], 'user_id' | 'beyond_customer_limit'>;
export type NewUser = Optional<Omit<Schemas['NewUser'], 'role'>, 'password' | 'take_over'>;
export type EditedUser = Schemas['EditedUser'];
/** An event without its status and the reason for it, which creating and ending set. */
/** The status of a new event. */
export type FirstStatus = Schemas['NewEvent']['status'];
export type EventInput = Omit<Schemas['EditedEvent'], 'status' | 'cancellation_reason'>;

type Optional<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}
