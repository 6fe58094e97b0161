import { minLength, required, SchemaPath, validate } from '@angular/forms/signals';
import { atMost, line } from '../ui/text-rules';

const MIN_PASSWORD = 8;
const MAX_PASSWORD = 200;
/** Digits in a phone number: the shortest in use and the longest E.164 allows, generously. */
const PHONE_DIGITS = { fewest: 4, most: 17 };

/** Only what is surely wrong: the server knows phone numbers, this catches slips while typing. */
export function phoneRules(path: SchemaPath<string>): void {
  required(path, { message: 'Enter your phone number.' });
  validate(path, ({ value }) => {
    const phone = value().trim();
    if (phone === '') return null;
    const digits = phone.replaceAll(/\D/g, '').length;
    if (/[^\d\s+().\-/]/.test(phone)) {
      return { kind: 'phone', message: 'A phone number has digits, spaces and a leading +.' };
    }
    if (digits < PHONE_DIGITS.fewest) {
      return { kind: 'phone', message: 'This phone number is too short.' };
    }
    return digits > PHONE_DIGITS.most
      ? { kind: 'phone', message: 'This phone number is too long.' }
      : null;
  });
}

export function nameRules(path: SchemaPath<string>): void {
  line(path, 'Enter your name.');
}

export function newPasswordRules(path: SchemaPath<string>): void {
  required(path, { message: 'Choose a password.' });
  minLength(path, MIN_PASSWORD, { message: `Use at least ${MIN_PASSWORD} characters.` });
  atMost(path, MAX_PASSWORD, (password) => password);
}
