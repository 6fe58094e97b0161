import { LOCALE } from './locale';
import { formatPhone } from './phone';

/** Countries whose English name takes an article. */
const WITH_ARTICLE = /^(Bahamas|Gambia|Netherlands|Philippines|United )|Islands$/;

interface Reading {
  /** In E.164. */
  phone: string;
  /** ISO 3166 code; null for a number of no country. */
  region: string | null;
  usual: boolean;
}

/** How to write a phone number where those of `region`, an ISO 3166 code, need no +. */
export function phoneHint(region: string | undefined): string {
  if (region === undefined) return 'Numbers from abroad begin with +.';
  return `Numbers without + are from ${country(region)}.`;
}

/** How a number is understood that was typed, and how another country's number is written. */
export function readingInWords(typed: string, { phone, region, usual }: Reading): string {
  const where = region === null ? '' : ` in ${country(region)}`;
  const read = `${formatPhone(phone)}${where}.`;
  const doubt = usual ? '' : ' Is it complete?';
  const isLocal = !/^(\+|00)/.test(typed.trim());
  return `${read}${doubt}${isLocal ? ' For a number from another country begin with +.' : ''}`;
}

function country(region: string): string {
  const name = new Intl.DisplayNames(LOCALE, { type: 'region' }).of(region) ?? region;
  return `${WITH_ARTICLE.test(name) ? 'the ' : ''}${name}`;
}
