import { inputBinding, signal, twoWayBinding } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { Router } from '@angular/router';
import { problem, showPage, signInAs, TestPage } from '../../../testing/page';
import { sampleBooking, sampleEvent, sampleUser } from '../../../testing/samples';
import { BookingForm } from './booking-form';

describe('BookingForm', () => {
  const event = signal(sampleEvent);
  const quantity = signal(2);
  let page: TestPage<BookingForm>;

  beforeEach(() => {
    sessionStorage.clear();
    Element.prototype.scrollIntoView = () => undefined;
    event.set(sampleEvent);
    quantity.set(2);
    page = showPage(BookingForm, [
      inputBinding('event', event),
      twoWayBinding('quantity', quantity),
    ]);
  });

  function press(name: string | RegExp): void {
    page.screen.getByRole('button', { name }).click();
  }

  function request() {
    return page.backend.expectOne({ method: 'POST', url: '/api/bookings' });
  }

  async function refuse(status: number, body: object | null): Promise<void> {
    request().flush(body, { status, statusText: 'Refused' });
    await page.settled();
  }

  async function loseConnection(): Promise<string | null> {
    const lost = request();
    lost.error(new ProgressEvent('error'));
    await page.settled();
    return lost.request.headers.get('Idempotency-Key');
  }

  it('links an anonymous visitor to the sign-in page and back to the same choice', async () => {
    await signInAs(page, null);
    const link = page.screen.getByRole('link', { name: 'Sign in to book' });
    expect(link.getAttribute('href')).toBe('/sign-in?return=%2Fevents%2F7%3Fquantity%3D2');
  });

  describe('with a limit for each customer', () => {
    const limitUrl = '/api/events/7/customer-limit?user_id=5';

    async function signInWith(owned: number): Promise<void> {
      event.set({ ...sampleEvent, max_tickets_per_customer: 4 });
      await signInAs(page, sampleUser);
      const answer = { limit: 4, owned, remaining: 4 - owned };
      page.backend.expectOne(limitUrl).flush(answer);
      await page.settled();
    }

    it('says the limit to somebody who is not signed in', async () => {
      event.set({ ...sampleEvent, max_tickets_per_customer: 4 });
      await signInAs(page, null);
      expect(page.screen.getByText('Up to 4 tickets for each customer')).toBeTruthy();
      page.backend.expectNone(limitUrl);
    });

    it('offers what the customer may still book', async () => {
      quantity.set(3);
      await signInWith(2);
      expect(page.screen.getByText('You have 2 tickets and may book 2 more')).toBeTruthy();
      expect(page.screen.getByText('You may book only 2 more tickets')).toBeTruthy();
      expect(page.screen.getByRole('button', { name: 'Book 2 tickets instead' })).toBeTruthy();
    });

    it('offers nothing to a customer who has all', async () => {
      await signInWith(4);
      expect(page.screen.getByText('You have 4 tickets')).toBeTruthy();
      expect(page.screen.queryByRole('button', { name: /^Book/ })).toBeNull();
    });

    it('asks again how many there are after a refusal', async () => {
      await signInWith(0);
      press('Book 2 tickets');
      await refuse(409, problem('customer-limit', 409, { limit: 4, owned: 3 }));
      page.backend.expectOne(limitUrl).flush({ limit: 4, owned: 3, remaining: 1 });
      await page.settled();
      expect(page.screen.getByRole('button', { name: 'Book 1 ticket instead' })).toBeTruthy();
    });
  });

  it('shows the total of the chosen quantity', async () => {
    await signInAs(page, sampleUser);
    press('One ticket more');
    await page.settled();
    expect(quantity()).toBe(3);
    expect(page.screen.getByText('€75.00')).toBeTruthy();
    expect(page.screen.getByRole('button', { name: 'Book 3 tickets' })).toBeTruthy();
  });

  it('books the quantity and total that are shown, and opens the booking', async () => {
    const navigate = vi.spyOn(TestBed.inject(Router), 'navigate').mockResolvedValue(true);
    await signInAs(page, sampleUser);
    press('Book 2 tickets');
    const sent = request();
    expect(sent.request.body).toEqual({
      event_id: 7,
      user_id: 5,
      quantity: 2,
      expected_total_amount: '50.00',
    });
    sent.flush(sampleBooking, { status: 201, statusText: 'Created' });
    await page.settled();
    expect(navigate).toHaveBeenCalledWith(['/bookings', 42], {
      state: { booked: true },
      info: { booking: sampleBooking },
    });
  });

  it('sends one request when the button is pressed several times', async () => {
    await signInAs(page, sampleUser);
    press('Book 2 tickets');
    await page.settled();
    press('Booking …');
    expect(page.backend.match('/api/bookings')).toHaveLength(1);
  });

  it('offers the remaining tickets when too few are left', async () => {
    await signInAs(page, sampleUser);
    press('One ticket more');
    await page.settled();
    press('Book 3 tickets');
    await refuse(409, problem('sold-out', 409, { available: 2 }));
    expect(page.screen.getByText('Only 2 tickets left')).toBeTruthy();
    expect(page.screen.getByText('€50.00')).toBeTruthy();
    press('Book 2 tickets instead');
    expect(request().request.body).toMatchObject({ quantity: 2, expected_total_amount: '50.00' });
  });

  it('repeats a request of unknown outcome with the same key first', async () => {
    await signInAs(page, sampleUser);
    press('Book 2 tickets');
    const key = await loseConnection();
    expect(page.screen.getByText('We did not hear back')).toBeTruthy();
    expect(page.screen.getByRole<HTMLInputElement>('spinbutton').disabled).toBe(true);
    press('Check my booking');
    const again = request();
    expect(again.request.headers.get('Idempotency-Key')).toBe(key);
    expect(again.request.body).toMatchObject({ quantity: 2 });
  });

  it('lets the customer choose again after a refusal', async () => {
    await signInAs(page, sampleUser);
    press('Book 2 tickets');
    const key = await loseConnection();
    press('Check my booking');
    await refuse(409, problem('sold-out', 409, { available: 1 }));
    expect(page.screen.getByRole<HTMLInputElement>('spinbutton').disabled).toBe(false);
    press('Book 1 ticket instead');
    expect(request().request.headers.get('Idempotency-Key')).not.toBe(key);
  });

  it('asks the customer to confirm a changed price', async () => {
    await signInAs(page, sampleUser);
    press('Book 2 tickets');
    await refuse(409, problem('price-changed', 409));
    event.set({ ...sampleEvent, price: '30.00' });
    await page.settled();
    expect(page.screen.getByText('The price has changed')).toBeTruthy();
    press('Book 2 tickets for €60.00');
    expect(request().request.body).toMatchObject({ expected_total_amount: '60.00' });
  });

  it('shows the total price of the tickets that the button books', async () => {
    quantity.set(999);
    event.set({ ...sampleEvent, tickets_available: 6 });
    await signInAs(page, sampleUser);
    expect(page.screen.getByRole('button', { name: 'Book 6 tickets instead' })).toBeTruthy();
    expect(page.screen.getByText('€150.00')).toBeTruthy();
  });

  it('says that the session has ended, and keeps the choice', async () => {
    await signInAs(page, sampleUser);
    press('Book 2 tickets');
    await refuse(401, problem('not-signed-in', 401, { request_id: 'r-9' }));
    expect(page.screen.getByText('You were signed out')).toBeTruthy();
    expect(page.screen.getByText(/your choice of 2 tickets is kept\.$/)).toBeTruthy();
    expect(page.screen.queryByText('r-9')).toBeNull();
    const link = page.screen.getByRole('link', { name: 'Sign in to book' });
    expect(link.getAttribute('href')).toBe('/sign-in?return=%2Fevents%2F7%3Fquantity%3D2');
  });

  it('does not book when another user has signed in, and reloads the session', async () => {
    await signInAs(page, sampleUser);
    press('Book 2 tickets');
    await refuse(403, problem('not-allowed', 403));
    await signInAs(page, { ...sampleUser, id: 6, name: 'Ben' });
    expect(page.screen.getByText('You are no longer signed in as Ana')).toBeTruthy();
    press('Book 2 tickets');
    expect(request().request.body).toMatchObject({ user_id: 6 });
  });

  it('shows any other problem and keeps the choice', async () => {
    await signInAs(page, sampleUser);
    press('Book 2 tickets');
    await refuse(429, problem('too-many-attempts', 429, { request_id: 'r-9' }));
    expect(page.screen.getByText('Detail of too-many-attempts.')).toBeTruthy();
    expect(page.screen.getByText('r-9')).toBeTruthy();
    expect(page.screen.getByRole('button', { name: 'Book 2 tickets' })).toBeTruthy();
  });
});
