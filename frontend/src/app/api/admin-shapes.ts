import { components } from './api-types.gen';

type Schemas = components['schemas'];

/** Shapes of the API that only admins see. */
export type AdminEvent = Schemas['AdminEvent'];
export type AdminEventPage = Schemas['AdminEventPage'];
export type Totals = Schemas['Totals'];
export type Sales = Schemas['Sales'];
export type DaySales = Schemas['DaySales'];
export type Integrity = Schemas['Integrity'];
export type IntegritySweep = Schemas['IntegritySweep'];
export type IntegrityViolation = Schemas['IntegrityViolation'];
export type EventIntegrity = Schemas['EventIntegrity'];
export type FailingMail = Schemas['FailingMail'];
export type FailingMailPage = Schemas['FailingMailPage'];
export type EventEdit = Schemas['EventEdit'];
export type PastEvent = Schemas['PastEvent'];
export type EventMessage = Schemas['EventMessage'];
export type MessagePreview = Schemas['MessagePreview'];
export type EditPreview = Schemas['EditPreview'];
export type Activity = Schemas['Activity'];
/** The answer to a check-in. */
export type CheckIn = Schemas['CheckIn'];
export type Customer = Schemas['Customer'];
export type UserAccount = Schemas['UserAccount'];
export type PasswordCode = Schemas['PasswordCode'];
export type UserPhone = Schemas['UserPhone'];
/** A booking in its event's list. */
export type EventBooking = Schemas['EventBooking'];

export type Webhook = Schemas['Webhook'];
export type WebhookType = Webhook['types'][number];
export type WebhookWithSecret = Schemas['WebhookWithSecret'];
export type Webhooks = Schemas['Webhooks'];
export type EditedWebhook = Schemas['EditedWebhook'];
/** A message to a webhook, and what came of it. */
export type Delivery = Schemas['Delivery'];

export type Token = Schemas['Token'];
export type TokenScope = Token['scopes'][number];
export type TokenWithSecret = Schemas['TokenWithSecret'];
export type NewToken = Schemas['NewToken'];

/** Details of an action in the log, such as the changes of an edit. */
export interface ActivityDetail {
  was?: Record<string, unknown>;
  became?: Record<string, unknown>;
  bookings_cancelled?: number;
  tickets_cancelled?: number;
  phone_lost?: boolean;
  phone_verified?: boolean;
  new_phone?: boolean;
}
