import { FailingMail } from '../../api/admin-shapes';
import { countOf } from '../../formats/count';
import { shortMoment } from '../../formats/moment';

const SUBJECTS: Record<string, string> = {
  'booking-confirmed': 'The booking is confirmed',
  'booking-cancelled': 'The booking was cancelled',
  'event-changed': 'The event has changed',
  'event-cancelled': 'The event is cancelled',
  'event-message': 'A message to the guests',
  'event-reminder': 'The event begins soon',
  'email-verification': 'Confirm the mail address',
  'password-reset': 'Set a new password',
};

/** The subject of a mail in a few words: “The event has changed”. */
export function subjectOf(mail: FailingMail): string {
  return SUBJECTS[mail.kind ?? mail.purpose] ?? 'A notice';
}

/** “Tried 3 times; the next attempt is on Sat, 5 Dec 2026, 19:30.” */
export function attemptsOf({ attempts, next_attempt_at }: FailingMail): string {
  const tried = `Tried ${attempts === 1 ? 'once' : countOf(attempts, 'time')}`;
  return next_attempt_at === null
    ? `${tried}; there is no further attempt.`
    : `${tried}; the next attempt is on ${shortMoment(next_attempt_at)}.`;
}

/** “3 mails could not be sent”, “1 webhook does not get through”; empty while nothing fails. */
export function failuresOf(mails: number, webhooks: number): string {
  const sentences = [
    mails === 0 ? '' : `${countOf(mails, 'mail')} could not be sent.`,
    webhooks === 0
      ? ''
      : `${countOf(webhooks, 'webhook')} ${webhooks === 1 ? 'does' : 'do'} not get through.`,
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}
