import { returnPath } from './return-path';

describe('returnPath', () => {
  it('leads back to a page of this site', () => {
    expect(returnPath('/events/7?quantity=3')).toBe('/events/7?quantity=3');
  });

  it.each([
    undefined,
    '',
    'events/7',
    'https://elsewhere.example',
    '//elsewhere.example',
    '/\\elsewhere.example',
    'javascript:alert(1)',
    '/sign-in?return=/x',
    '/sign-up',
  ])('leads home instead of to %s', (wanted) => {
    expect(returnPath(wanted)).toBe('/');
  });
});
