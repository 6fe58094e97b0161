import { formatPhone } from './phone';

describe('formatPhone', () => {
  it.each([
    ['+4915123456789', '+49 151 2345 6789'],
    ['+493012345', '+49 301 2345'],
    ['+12025550123', '+1 202 555 0123'],
    ['+447700900125', '+44 770 090 0125'],
    ['+351912345678', '+351 912 345 678'],
    ['+491711', '+491711'],
    ['not a number', 'not a number'],
  ])('sets %s as %s', (phone, shown) => {
    expect(formatPhone(phone).replaceAll('\u00a0', ' ')).toBe(shown);
  });
});
