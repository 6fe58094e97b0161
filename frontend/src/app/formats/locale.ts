/**
 * In which language and how dates, numbers and money are written: in English, as the words around
 * them are, and as in the reader's region.
 */
export function localeFor(language: string | undefined): string {
  try {
    const region = new Intl.Locale(language ?? 'en').maximize().region;
    const locale = `en-${region}`;
    // For a region without its own English, browsers use the American formats.
    const known = new Intl.NumberFormat(locale).resolvedOptions().locale;
    return known === locale ? locale : 'en-GB';
  } catch {
    return 'en-GB';
  }
}

export const LOCALE = localeFor(globalThis.navigator?.language);
