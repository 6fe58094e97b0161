/** Country codes of one digit and of two; all others have three. */
const ONE_DIGIT = /^[17]/;
const TWO_DIGITS = /^(20|27|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;

/**
 * “+49 151 2345 6789” for +4915123456789: in groups that can be read out and compared. An erased
 * customer has no number.
 */
export function formatPhone(phone: string | null): string {
  if (phone === null) return 'no number';
  if (!/^\+\d{7,15}$/.test(phone)) return phone;
  const digits = phone.slice(1);
  const length = ONE_DIGIT.test(digits) ? 1 : TWO_DIGITS.test(digits) ? 2 : 3;
  const groups = [digits.slice(length, length + 3)];
  let rest = digits.slice(length + 3);
  while (rest.length > 5) {
    const size = rest.length % 4 === 0 ? 4 : 3;
    groups.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  if (rest !== '') groups.push(rest);
  return `+${digits.slice(0, length)} ${groups.join('\u00a0')}`;
}
