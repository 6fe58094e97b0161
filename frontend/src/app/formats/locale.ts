/**
 * In which language and how dates, numbers and money are written: in English, as the words around
 * them are, and as in the reader's region.
 */
export function localeFor(language: string | undefined): string {
  try {
    const region = new Intl.Locale(language ?? 'en').maximize().region;
    const locale = `en-${region}`;
    // Of a region without English of its own the browser knows no more than American.
    const known = new Intl.NumberFormat(locale).resolvedOptions().locale;
    return known === locale ? locale : 'en-GB';
  } catch {
    return 'en-GB';
  }
}

export const LOCALE = localeFor(globalThis.navigator?.language);
