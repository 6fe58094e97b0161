import { TestBed } from '@angular/core/testing';
import { BookingAttempts } from './booking-attempts';

/** A new service, as after a reload: only the tab's storage is left. */
function freshPage(): BookingAttempts {
  TestBed.resetTestingModule();
  return TestBed.inject(BookingAttempts);
}

describe('BookingAttempts', () => {
  let attempts: BookingAttempts;

  beforeEach(() => {
    sessionStorage.clear();
    attempts = freshPage();
  });

  it('uses a different key for each customer, event and quantity', () => {
    const wishes = [
      attempts.begin(5, 7, 2),
      attempts.begin(6, 7, 2),
      attempts.begin(5, 8, 2),
      attempts.begin(5, 7, 3),
    ];
    expect(new Set(wishes.map(({ key }) => key)).size).toBe(4);
    expect(wishes[0]?.key).toMatch(/^[!-~]{1,64}$/);
  });

  it('keeps the key while the outcome is unknown', () => {
    const attempt = attempts.begin(5, 7, 2);
    attempts.sent(attempt);
    attempts.answered(attempt, 0);
    expect(attempts.begin(5, 7, 2).key).toBe(attempt.key);
    expect(attempts.unsettled(5, 7)).toMatchObject({ key: attempt.key, quantity: 2 });
  });

  it.each([500, 502, 503])('keeps the attempt unsettled after a %i', (status) => {
    const attempt = attempts.begin(5, 7, 2);
    attempts.sent(attempt);
    attempts.answered(attempt, status);
    expect(attempts.unsettled(5, 7)).not.toBeNull();
  });

  it.each([201, 404, 409, 422])('forgets the key after a %i', (status) => {
    const attempt = attempts.begin(5, 7, 2);
    attempts.sent(attempt);
    attempts.answered(attempt, status);
    expect(attempts.unsettled(5, 7)).toBeNull();
    expect(attempts.begin(5, 7, 2).key).not.toBe(attempt.key);
  });

  it.each([401, 403, 429])('keeps the key after a %i, which booked nothing', (status) => {
    const attempt = attempts.begin(5, 7, 2);
    attempts.sent(attempt);
    attempts.answered(attempt, status);
    expect(attempts.unsettled(5, 7)).toBeNull();
    expect(attempts.begin(5, 7, 2).key).toBe(attempt.key);
  });

  it('keeps the first attempt unsettled when only the retry was refused', () => {
    const first = attempts.begin(5, 7, 2);
    attempts.sent(first);
    attempts.answered(first, 0);
    const retry = attempts.begin(5, 7, 2);
    attempts.sent(retry);
    attempts.answered(retry, 401);
    expect(attempts.unsettled(5, 7)?.key).toBe(first.key);
  });

  it('keeps an unanswered attempt over a reload', () => {
    const attempt = attempts.begin(5, 7, 2);
    attempts.sent(attempt);
    expect(freshPage().unsettled(5, 7)).toEqual({ ...attempt, unsettled: true });
  });

  it('returns an attempt only for its customer and its event', () => {
    attempts.sent(attempts.begin(5, 7, 2));
    expect(attempts.unsettled(6, 7)).toBeNull();
    expect(attempts.unsettled(5, 8)).toBeNull();
  });

  it('ignores corrupt storage', () => {
    sessionStorage.setItem('marquee.booking-attempts', '{');
    expect(freshPage().unsettled(5, 7)).toBeNull();
  });
});
