import { refundInWords, refundOfEvent, totalInWords } from './money-in-words';

const price = { total_amount: '50.00', currency: 'EUR' };
const payee = { how_to_pay: 'Pay at the door.', organiser_contact: 'box@example.org' };
const free = { total_amount: '0.00', currency: 'EUR' };

describe('money in words', () => {
  it('says what a booking costs and how it is paid', () => {
    expect(totalInWords(price, 'Pay at the door.')).toBe('Total €50.00. Pay at the door.');
    expect(totalInWords(price, null)).toBe('Total €50.00.');
    expect(totalInWords({ total_amount: '7500', currency: 'JPY' }, null)).toBe('Total ¥7,500.');
  });

  it('claims no payment that nobody recorded when a booking is cancelled', () => {
    expect(refundInWords(price, { how_to_pay: null, organiser_contact: null })).toBe(
      'Total €50.00. If you have paid, the organiser says what is returned.',
    );
    expect(refundInWords(price, payee)).toBe(
      'Total €50.00. If you have paid, the organiser says what is returned: box@example.org.' +
        ' How to pay: Pay at the door.',
    );
  });

  it('says who returns the money of a cancelled event', () => {
    expect(refundOfEvent(null)).toBe('Anything you have paid is returned by the organiser.');
    expect(refundOfEvent('נור, 030 1234')).toBe(
      'Anything you have paid is returned by the organiser: \u2068נור, 030 1234\u2069.',
    );
  });

  it('says nothing about free tickets', () => {
    expect(totalInWords(free, null)).toBeNull();
    expect(totalInWords({ total_amount: '0', currency: 'JPY' }, null)).toBeNull();
    expect(refundInWords(free, payee)).toBeNull();
  });
});
