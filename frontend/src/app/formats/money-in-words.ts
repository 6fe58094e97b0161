import { isolated } from './isolated';
import { formatTotal, isFree } from './money';

interface Price {
  total_amount: string;
  currency: string;
}

interface Payee {
  how_to_pay: string | null;
  organiser_contact: string | null;
}

/*
 * Nobody records yet what was paid. So these say what a booking costs, what the organiser says
 * about paying and whom to ask, and never that somebody has paid or has still to pay.
 */

/** “Total €50.00. Pay at the door.”, or null if the tickets are free. */
export function totalInWords(price: Price, howToPay: string | null): string | null {
  if (isFree(price.total_amount)) return null;
  const total = `Total ${formatTotal(price.total_amount, price.currency)}.`;
  return howToPay === null ? total : `${total} ${isolated(howToPay)}`;
}

/** What becomes of the money when the event is cancelled, as its guests read it. */
export function refundOfEvent(contact: string | null): string {
  return withContact('Anything you have paid is returned by the organiser', contact);
}

/** What becomes of the money when only the booking is cancelled. The organiser decides that. */
export function refundOfBooking(contact: string | null): string {
  return withContact('If you have paid, the organiser says what is returned', contact);
}

/** What becomes of the money of a booking that may be cancelled; null for what is free. */
export function refundInWords(
  price: Price,
  { how_to_pay: howToPay, organiser_contact: contact }: Payee,
): string | null {
  const total = totalInWords(price, null);
  if (total === null) return null;
  const paying = howToPay === null ? '' : ` How to pay: ${isolated(howToPay)}`;
  return `${total} ${refundOfBooking(contact)}${paying}`;
}

/** Notices and mails say the same, from `refund_for_people()` in SQL. */
function withContact(words: string, contact: string | null): string {
  return contact === null ? `${words}.` : `${words}: ${isolated(contact)}.`;
}
