import { LOCALE } from './locale';

/** Money travels as a decimal string with two places; it is never a float here either. */
export function isFree(price: string): boolean {
  return toCents(price) === 0n;
}

export function timesPrice(price: string, quantity: number): string {
  const cents = (toCents(price) * BigInt(quantity)).toString().padStart(3, '0');
  return `${cents.slice(0, -2)}.${cents.slice(-2)}`;
}

/** “€25” on a card, where whole amounts read better bare; “€75.00” for what is paid. */
export function formatMoney(
  amount: string,
  currency: string,
  { bare = false, locale = LOCALE }: { bare?: boolean; locale?: string } = {},
): string {
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    trailingZeroDisplay: bare ? 'stripIfInteger' : 'auto',
  }).format(amount as Intl.StringNumericLiteral);
}

export function formatPrice(price: string, currency: string, locale?: string): string {
  return isFree(price) ? 'Free' : formatMoney(price, currency, { bare: true, locale });
}

/** “Free”, or “€75.00”: what is paid in all. */
export function formatTotal(amount: string, currency: string, locale?: string): string {
  return isFree(amount) ? 'Free' : formatMoney(amount, currency, { locale });
}

function toCents(amount: string): bigint {
  const [whole = '0', fraction = ''] = amount.split('.');
  return BigInt(whole) * 100n + BigInt(fraction.padEnd(2, '0').slice(0, 2));
}
