import { minLength, required, SchemaPath, validate } from '@angular/forms/signals';
import { atMost, line } from '../ui/text-rules';

const MIN_PASSWORD = 8;
const MAX_PASSWORD = 200;
/** Digits in a phone number: the shortest in use and the longest E.164 allows, generously. */
const PHONE_DIGITS = { fewest: 4, most: 17 };

/** Reports only obvious mistakes while typing. The server decides what a phone number is. */
export function phoneRules(path: SchemaPath<string>): void {
  required(path, { message: 'Enter your phone number.' });
  validate(path, ({ value }) => phoneError(value()));
}

/** Whether it can be a phone number, as far as a form can tell. */
export function isPhone(text: string): boolean {
  return text.trim() !== '' && phoneError(text) === null;
}

function phoneError(text: string): { kind: string; message: string } | null {
  const phone = text.trim();
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
}

export function nameRules(path: SchemaPath<string>): void {
  line(path, 'Enter your name.');
}

export function newPasswordRules(path: SchemaPath<string>): void {
  required(path, { message: 'Choose a password.' });
  minLength(path, MIN_PASSWORD, { message: `Use at least ${MIN_PASSWORD} characters.` });
  atMost(path, MAX_PASSWORD, (password) => password);
}

export function emailRules(path: SchemaPath<string>): void {
  required(path, { message: 'Enter your e-mail address.' });
  validate(path, ({ value }) => emailError(value()));
}

/** Whichever of the two the account is found by. */
export function phoneOrEmailRules(path: SchemaPath<string>): void {
  required(path, { message: 'Enter your phone number or e-mail address.' });
  validate(path, ({ value }) =>
    value().includes('@') ? emailError(value()) : phoneError(value()),
  );
}

/** Reports only obvious mistakes. The server decides what a mail address is. */
function emailError(text: string): { kind: string; message: string } | null {
  const email = text.trim();
  return email === '' || /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)
    ? null
    : { kind: 'email', message: 'An e-mail address looks like name@example.org.' };
}
