import { CheckIn } from '../api/admin-shapes';
import { Problem } from '../api/problem';
import { ago } from '../formats/ago';
import { countOf } from '../formats/count';
import { clockFormat, VenueClock } from '../formats/venue-clock';
import { groupedCode, symbolsOf } from './ticket-code';

export type Tone = 'admit' | 'refuse' | 'unknown';

/** The door's answer to one code, to be read at arm's length. */
export interface Verdict {
  tone: Tone;
  headline: string;
  reason: string;
  code: string;
  /** What helps; without it there is nothing to do but to read. */
  next?: 'repeat' | 'sign-in';
}

export type CheckInProblem = Problem & { used_at?: string; event_title?: string };

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

export function admitted({ ticket, booking }: CheckIn): Verdict {
  const more = booking.quantity > 1 ? `, one of ${countOf(booking.quantity, 'ticket')}` : '';
  return {
    tone: 'admit',
    headline: 'Come in',
    reason: `${booking.customer_name}${more}`,
    code: ticket.ticket_code,
  };
}

/**
 * Why nobody comes in on this code. `askedAt` is when it was first asked about without an answer:
 * a use since then may be that very scan.
 */
export function refused(
  problem: CheckInProblem,
  code: string,
  clock: VenueClock,
  askedAt: number | null,
  now: number = Date.now(),
): Verdict {
  const refuse = (headline: string, reason: string): Verdict => ({
    tone: 'refuse',
    headline,
    reason,
    code: groupedCode(code),
  });
  switch (problem.type) {
    case '/problems/ticket-already-used':
      return alreadyUsed(problem.used_at ?? '', code, clock, askedAt, now);
    case '/problems/ticket-cancelled':
      return refuse('Cancelled', 'This ticket was cancelled and admits nobody.');
    case '/problems/ticket-for-another-event':
      return refuse('Wrong event', `This ticket is for ${problem.event_title ?? 'another event'}.`);
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
  usedAt: string,
  code: string,
  clock: VenueClock,
  askedAt: number | null,
  now: number,
): Verdict {
  const used = Date.parse(usedAt);
  const when = Number.isNaN(used) ? '' : ` ${usedWords(used, clock, now)}`;
  // Clocks of a phone and a server are seconds apart.
  if (askedAt !== null && used >= askedAt - 10_000) {
    return {
      tone: 'unknown',
      headline: 'Used just now',
      reason: `Used${when}: most likely by your scan that got no answer. If nobody else checks in here, it is this customer.`,
      code: groupedCode(code),
    };
  }
  return {
    tone: 'refuse',
    headline: 'Already used',
    reason: `First used${when}.`,
    code: groupedCode(code),
  };
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
