import { formatMoney, formatPrice, formatTotal, isFree, timesPrice, withDecimals } from './money';

describe('timesPrice', () => {
  it.each([
    ['25.00', 3, '75.00'],
    ['0.10', 3, '0.30'],
    ['0.01', 1, '0.01'],
    ['0.00', 10, '0.00'],
    ['1234567890.99', 1000, '1234567890990.00'],
    ['2500', 3, '7500'],
    ['0', 3, '0'],
    ['0.125', 3, '0.375'],
    ['1.250', 4, '5.000'],
  ])('%s times %i is %s to the cent', (price, quantity, total) => {
    expect(timesPrice(price, quantity)).toBe(total);
  });
});

describe('formatPrice', () => {
  it('calls nothing to pay free', () => {
    expect(isFree('0.00')).toBe(true);
    expect(formatPrice('0.00', 'EUR', 'en')).toBe('Free');
  });

  it('leaves out the cents of a whole amount only', () => {
    expect(formatPrice('25.00', 'EUR', 'en')).toBe('€25');
    expect(formatPrice('18.50', 'EUR', 'en')).toBe('€18.50');
  });

  it('writes as the reader’s language does', () => {
    expect(formatMoney('1250.00', 'EUR', { locale: 'de' })).toBe('1.250,00\u00a0€');
  });
});

describe('withDecimals', () => {
  it.each([
    ['12.5', 2, '12.50'],
    ['12', 2, '12.00'],
    ['12.50', 0, '12'],
    ['0.5', 3, '0.500'],
  ])('%s with %i decimals is %s', (typed, decimals, price) => {
    expect(withDecimals(typed, decimals)).toBe(price);
  });
});

describe('formatMoney', () => {
  it.each([
    ['JPY', '2500', '¥2,500'],
    ['EUR', '12.50', '€12.50'],
    ['KWD', '1.250', 'KWD\u00a01.250'],
    // Amounts stored with more decimals are not rounded.
    ['JPY', '2500.5', '¥2,500.5'],
    // Browsers do not agree on the decimals of this one.
    ['IQD', '1.250', 'IQD\u00a01.250'],
  ])('writes an amount in %s with the decimals it has', (currency, amount, written) => {
    expect(formatMoney(amount, currency, { locale: 'en' })).toBe(written);
  });

  it.each([
    ['JPY', '2500', '¥2,500'],
    ['KWD', '3.000', 'KWD\u00a03'],
    ['KWD', '3.500', 'KWD\u00a03.500'],
  ])('leaves out the decimals of a whole price in %s', (currency, price, written) => {
    expect(formatPrice(price, currency, 'en')).toBe(written);
  });
});

describe('formatTotal', () => {
  it('is free or to the cent', () => {
    expect(formatTotal('0.00', 'EUR', 'en')).toBe('Free');
    expect(formatTotal('75.00', 'EUR', 'en')).toBe('€75.00');
  });
});
