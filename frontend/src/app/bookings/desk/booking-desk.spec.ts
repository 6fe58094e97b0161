import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { problem } from '../../../testing/page';
import { sampleBooking, sampleEvent } from '../../../testing/samples';
import { Booking } from '../../api/shapes';
import { BookingDesk } from './booking-desk';

describe('BookingDesk', () => {
  const event = signal(sampleEvent);
  const customerId = signal<number | undefined>(5);
  const show = vi.fn<(booking: Booking) => unknown>();
  let desk: BookingDesk;
  let backend: HttpTestingController;

  beforeEach(() => {
    sessionStorage.clear();
    show.mockReset();
    event.set(sampleEvent);
    customerId.set(5);
    TestBed.configureTestingModule({
      providers: [BookingDesk, provideHttpClient(), provideHttpClientTesting()],
    });
    desk = TestBed.inject(BookingDesk);
    desk.open(event, customerId);
    backend = TestBed.inject(HttpTestingController);
  });

  const request = () => backend.expectOne({ method: 'POST', url: '/api/bookings' });
  const keyOf = (sent: ReturnType<typeof request>) => sent.request.headers.get('Idempotency-Key');
  const created = { status: 201, statusText: 'Created' };

  it('sends the total of the price that is shown', async () => {
    const booked = desk.book(3, show);
    const sent = request();
    expect(sent.request.body).toEqual({
      event_id: 7,
      user_id: 5,
      quantity: 3,
      expected_total_amount: '75.00',
    });
    sent.flush(sampleBooking, created);
    expect(await booked).toBe(true);
    expect(show).toHaveBeenCalledExactlyOnceWith(sampleBooking);
    expect(desk.unsettled()).toBeNull();
  });

  it('is busy until the booking is shown', async () => {
    let shown: (value?: unknown) => void = () => undefined;
    show.mockReturnValue(new Promise((resolve) => (shown = resolve)));
    const booked = desk.book(1, show);
    request().flush(sampleBooking, created);
    await vi.waitFor(() => expect(show).toHaveBeenCalled());
    expect(desk.busy()).toBe(true);
    expect(await desk.book(1, show)).toBe(false);
    backend.expectNone('/api/bookings');
    shown();
    expect(await booked).toBe(true);
    expect(desk.busy()).toBe(false);
  });

  it('repeats an unanswered request instead of the next order', async () => {
    const booked = desk.book(2, show);
    const lost = request();
    lost.error(new ProgressEvent('error'));
    expect(await booked).toBe(false);
    expect(desk.unsettled()).toMatchObject({ quantity: 2 });
    void desk.book(4, show);
    const again = request();
    expect(again.request.body).toMatchObject({ quantity: 2, expected_total_amount: '50.00' });
    expect(keyOf(again)).toBe(keyOf(lost));
  });

  it('does not show an unsettled attempt to another customer', async () => {
    const booked = desk.book(2, show);
    request().error(new ProgressEvent('error'));
    await booked;
    customerId.set(6);
    expect(desk.unsettled()).toBeNull();
    customerId.set(undefined);
    expect(await desk.book(1, show)).toBe(false);
    backend.expectNone('/api/bookings');
  });

  it('takes the available tickets from a refusal until the event is loaded again', async () => {
    const booked = desk.book(3, show);
    request().flush(problem('sold-out', 409, { available: 2 }), { status: 409, statusText: 'No' });
    expect(await booked).toBe(false);
    expect(desk.problem()?.type).toBe('/problems/sold-out');
    expect(desk.available()).toBe(2);
    desk.forgetProblem();
    expect(desk.problem()).toBeNull();
    event.set({ ...sampleEvent, tickets_available: 9 });
    expect(desk.available()).toBe(9);
  });
});
