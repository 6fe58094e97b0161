import { required, SchemaPath, validate } from '@angular/forms/signals';
import { formatCount } from '../formats/count';

const MOST_IN_A_LINE = 200;

/** A title, a name: one line that says something, as the API takes it. */
export function line(path: SchemaPath<string>, missing: string): void {
  required(path, { message: missing });
  validate(path, ({ value }) =>
    value() !== '' && value().trim() === '' ? { kind: 'blank', message: missing } : null,
  );
  atMost(path, MOST_IN_A_LINE);
}

/**
 * Used instead of `maxLength`, which would silently cut pasted text. Like the API it does not count
 * spaces at the ends, except in a password (`read`).
 */
export function atMost(
  path: SchemaPath<string>,
  most: number,
  read = (text: string) => text.trim(),
): void {
  validate(path, ({ value }) => {
    const { length } = [...read(value())];
    const message = `Use at most ${formatCount(most)} characters; these are ${formatCount(length)}.`;
    return length > most ? { kind: 'length', message } : null;
  });
}
