import { ago } from './ago';

describe('ago', () => {
  it('uses the largest unit that fits', () => {
    expect([0, 59, 60, 3599, 3600, 172_799, 172_800].map(ago)).toEqual([
      '0 seconds ago',
      '59 seconds ago',
      '1 minute ago',
      '59 minutes ago',
      '1 hour ago',
      '47 hours ago',
      '2 days ago',
    ]);
  });
});
