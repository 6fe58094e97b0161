import { computed, effect, inject, signal, Signal } from '@angular/core';
import { ConfigClient } from '../api/config-client';
import { PhoneReadingsClient } from '../api/phone-readings-client';
import { PhoneReading } from '../api/shapes';
import { phoneHint, readingInWords } from '../formats/phone-hint';
import { isPhone } from './account-schema';

/** Long enough not to ask at every digit. */
const DEBOUNCE_MS = 300;

/**
 * The hint of a field for a phone number: as soon as the number can be read, how the server
 * understands it, so that a wrong country or a lost digit is seen before the form is sent.
 */
export function phoneUnderstood(typed: Signal<string>): Signal<string> {
  const config = inject(ConfigClient).find();
  const readings = inject(PhoneReadingsClient);
  const latest = signal<{ typed: string; reading: PhoneReading } | null>(null);

  effect((onCleanup) => {
    const phone = typed();
    if (!isPhone(phone)) return;
    const timer = setTimeout(() => {
      readings.read(phone).then(
        (reading) => latest.set({ typed: phone, reading }),
        // The hint stays as it was; the form says what is wrong when it is sent.
        () => undefined,
      );
    }, DEBOUNCE_MS);
    onCleanup(() => clearTimeout(timer));
  });

  return computed(() => {
    const known = latest();
    return known !== null && known.typed === typed()
      ? readingInWords(known.typed, known.reading)
      : phoneHint(config.hasValue() ? config.value().default_region : undefined);
  });
}
