import { formatMoney, formatPrice, formatTotal, isFree, timesPrice } from './money';

describe('timesPrice', () => {
  it.each([
    ['25.00', 3, '75.00'],
    ['0.10', 3, '0.30'],
    ['0.01', 1, '0.01'],
    ['0.00', 10, '0.00'],
    ['1234567890.99', 1000, '1234567890990.00'],
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

describe('formatTotal', () => {
  it('is free or to the cent', () => {
    expect(formatTotal('0.00', 'EUR', 'en')).toBe('Free');
    expect(formatTotal('75.00', 'EUR', 'en')).toBe('€75.00');
  });
});
