import { LOCALE } from './locale';

/*
 * Money travels as a decimal string with the decimals of its currency: “12.50”, “2500”, “1.250”. It
 * is never a float here either, and it is shown with the decimals it came with: browsers do not all
 * agree on those of every currency.
 */

export function isFree(price: string): boolean {
  return /^[0.]*$/.test(price);
}

export function timesPrice(price: string, quantity: number): string {
  const decimals = decimalsOf(price);
  const units = (BigInt(price.replace('.', '')) * BigInt(quantity)).toString();
  return withPoint(units, decimals);
}

/** A typed price with the decimals of the currency: “12.5” becomes “12.50”. */
export function withDecimals(price: string, decimals: number): string {
  const [whole = '', fraction = ''] = price.split('.');
  return withPoint(whole + fraction.slice(0, decimals).padEnd(decimals, '0'), decimals);
}

/** “€25” on a card, where whole amounts have no decimals; “€75.00” for an amount to pay. */
export function formatMoney(
  amount: string,
  currency: string,
  { bare = false, locale = LOCALE }: { bare?: boolean; locale?: string } = {},
): string {
  const decimals = decimalsOf(amount);
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    trailingZeroDisplay: bare ? 'stripIfInteger' : 'auto',
  }).format(amount as Intl.StringNumericLiteral);
}

export function formatPrice(price: string, currency: string, locale?: string): string {
  return isFree(price) ? 'Free' : formatMoney(price, currency, { bare: true, locale });
}

/** The total of a booking: “Free” or “€75.00”. */
export function formatTotal(amount: string, currency: string, locale?: string): string {
  return isFree(amount) ? 'Free' : formatMoney(amount, currency, { locale });
}

export function decimalsOf(amount: string): number {
  return amount.split('.')[1]?.length ?? 0;
}

/** The amount of so many of the smallest units. */
function withPoint(units: string, decimals: number): string {
  if (decimals === 0) return units;
  const digits = units.padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
