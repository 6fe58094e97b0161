import { CheckIn } from '../api/admin-shapes';
import { Problem } from '../api/problem';
import { ago } from '../formats/ago';
import { countOf } from '../formats/count';
import { isolated } from '../formats/isolated';
import { totalInWords } from '../formats/money-in-words';
import { clockFormat, VenueClock } from '../formats/venue-clock';
import { groupedCode, symbolsOf } from './ticket-code';

/** `again`: this door let the holder in just now, and sees the code once more. */
export type Tone = 'admit' | 'again' | 'refuse' | 'unknown';

/** The door's answer to one code, to be read at arm's length. */
export interface Verdict {
  tone: Tone;
  headline: string;
  reason: string;
  code: string;
  /** The price of the booking and how it is paid. Whether it is paid is not recorded. */
  money?: string | null;
  /** The action that the verdict offers, if any. */
  next?: 'repeat' | 'sign-in';
}

export type CheckInProblem = Problem & {
  used_at?: string;
  customer_name?: string;
  booking_id?: number;
  event_title?: string;
};

/** Earlier scans of a code at this door, in milliseconds. */
export interface Known {
  /** When it was first asked about without an answer: a use since then may be that very scan. */
  askedAt: number | null;
  /** When this door let its holder in. */
  admittedAt: number | null;
}

/** A code that this door admitted is not called used for this long: it may only have flickered. */
const JUST_NOW_MS = 60_000;

const SYMBOLS = 21;

const MISTYPED = {
  tone: 'refuse',
  headline: 'Mistyped',
  reason: 'A letter or digit of it is wrong. Look again, then type again.',
} as const;

/** Why a text without a reading is no ticket code, said without asking anybody. */
export function misread(typed: string): Verdict {
  const symbols = symbolsOf(typed);
  if (symbols.length === SYMBOLS) return { ...MISTYPED, code: groupedCode(typed) };
  const isOther = symbols.length > SYMBOLS || !/^[\w\s\u2010-\u2015-]*$/.test(typed);
  return {
    tone: 'refuse',
    headline: 'Not a ticket code',
    reason: isOther
      ? 'A ticket code has only letters and digits. This is some other code.'
      : `A ticket code has ${SYMBOLS} letters and digits; this has ${symbols.length}.`,
    code: typed.trim(),
  };
}

export function admitted({ ticket, booking, event }: CheckIn): Verdict {
  const more = booking.quantity > 1 ? `, one of ${countOf(booking.quantity, 'ticket')}` : '';
  return {
    tone: 'admit',
    headline: 'Come in',
    reason: `${isolated(booking.customer_name)}${more}`,
    money: moneyOf({ booking, event }),
    code: ticket.ticket_code,
  };
}

/** While servers are being replaced, one of the release before may answer, which says no total. */
function moneyOf({ booking, event }: Pick<CheckIn, 'booking' | 'event'>): string | null {
  const known = 'total_amount' in booking;
  return known ? totalInWords(booking, event.how_to_pay) : null;
}

/** Why nobody comes in on this code. `now` and the times of `known` are by the server's clock. */
export function refused(
  problem: CheckInProblem,
  code: string,
  clock: VenueClock,
  known: Known,
  now: number,
): Verdict {
  const refuse = (headline: string, reason: string): Verdict => ({
    tone: 'refuse',
    headline,
    reason,
    code: groupedCode(code),
  });
  switch (problem.type) {
    case '/problems/ticket-already-used':
      return alreadyUsed(problem, code, clock, known, now);
    case '/problems/ticket-cancelled':
      return refuse('Cancelled', 'This ticket was cancelled and admits nobody.');
    case '/problems/ticket-for-another-event':
      return refuse('Wrong event', `This ticket is for ${titleIn(problem)}.`);
    case '/problems/ticket-not-found':
      return refuse('Unknown code', 'It is well formed, but no ticket has this code.');
    case '/problems/ticket-code-malformed':
    case '/problems/validation':
      return { ...MISTYPED, code: groupedCode(code) };
    case '/problems/not-signed-in':
      return {
        ...refuse('Signed out', 'Nothing was checked in. Sign in again, then scan again.'),
        next: 'sign-in',
      };
    case '/problems/not-allowed':
      return refuse('Not allowed', 'Only admins check in tickets. Nothing was checked in.');
    default:
      return {
        tone: 'unknown',
        headline: 'No answer',
        reason:
          'Nobody knows yet whether this ticket is checked in. Check it again: it can never be used twice.',
        code: groupedCode(code),
        next: 'repeat',
      };
  }
}

function alreadyUsed(
  problem: CheckInProblem,
  code: string,
  clock: VenueClock,
  { askedAt, admittedAt }: Known,
  now: number,
): Verdict {
  const used = Date.parse(problem.used_at ?? '');
  const when = Number.isNaN(used) ? '' : ` ${usedWords(used, clock, now)}`;
  const whose = holder(problem);
  if (admittedAt !== null && now - admittedAt < JUST_NOW_MS) {
    const seconds = Math.max(0, Math.round((now - admittedAt) / 1000));
    return {
      tone: 'again',
      headline: 'Let in just now',
      reason: `${whose}This door let the holder in ${ago(seconds)}. The code admits nobody else.`,
      code: groupedCode(code),
    };
  }
  // The server's clock is known to within a few seconds.
  if (askedAt !== null && used >= askedAt - 10_000) {
    return {
      tone: 'unknown',
      headline: 'Used just now',
      reason: `${whose}Used${when}: most likely by your scan that got no answer. If nobody else checks in here, it is this customer.`,
      code: groupedCode(code),
    };
  }
  return {
    tone: 'refuse',
    headline: 'Already used',
    reason: `${whose}First used${when}.`,
    code: groupedCode(code),
  };
}

function titleIn({ event_title: title }: CheckInProblem): string {
  return title === undefined ? 'another event' : isolated(title);
}

/** “Ana Sommer, booking No. 42. ”; empty when the server does not say. */
function holder({ customer_name: name, booking_id: booking }: CheckInProblem): string {
  return name === undefined || booking === undefined
    ? ''
    : `${isolated(name)}, booking No. ${booking}. `;
}

/** “at 19:31:05, 12 minutes ago”, and on which day when it was not within twelve hours. */
function usedWords(used: number, clock: VenueClock, now: number): string {
  const seconds = Math.max(0, Math.round((now - used) / 1000));
  const sameEvening = seconds < 12 * 3600;
  const time = clockFormat(
    { timeStyle: 'medium', ...(sameEvening ? {} : { dateStyle: 'medium' }) },
    clock,
  ).format(used);
  if (!sameEvening) return `on ${time}`;
  return `at ${time}, ${ago(seconds)}`;
}
