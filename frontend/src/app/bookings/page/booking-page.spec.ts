import { Clipboard } from '@angular/cdk/clipboard';
import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { inputBinding } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { provideRouter, Router, withComponentInputBinding } from '@angular/router';
import { RouterTestingHarness } from '@angular/router/testing';
import { within } from '@testing-library/dom';
import { showPage } from '../../../testing/page';
import { sampleBooking } from '../../../testing/samples';
import { Booking } from '../../api/shapes';
import { BookingHandedOver, BookingPage } from './booking-page';

describe('BookingPage', () => {
  async function show(booking: Booking = sampleBooking) {
    const page = showPage(BookingPage, [inputBinding('id', () => '42')]);
    page.backend.expectOne('/api/bookings/42').flush(booking);
    await page.settled();
    return page;
  }

  it('says why the event was cancelled', async () => {
    const reason = { status: 'cancelled' as const, cancellation_reason: 'The singer is ill.' };
    const { screen } = await show({
      ...sampleBooking,
      event: { ...sampleBooking.event, ...reason },
      status: 'cancelled',
      cancelled_at: '2026-11-24T10:00:00Z',
    });
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('This event was cancelled');
    expect(screen.getByText(/The singer is ill\..* Your booking of 2 tickets/)).toBeTruthy();
  });

  it('says what changed since the booking was made', async () => {
    const changes = [{ field: 'venue' as const, was: 'Muschelsaal', became: 'Ersatzhalle' }];
    const { screen } = await show({ ...sampleBooking, changes });
    const said = screen.getByText('Changed since you booked:').parentElement;
    expect(said?.textContent).toContain('Muschelsaal → Ersatzhalle');
  });

  it('says how to pay for tickets that are not free', async () => {
    const { screen } = await show({
      ...sampleBooking,
      event: { ...sampleBooking.event, how_to_pay: 'Pay at the door.' },
    });
    expect(screen.getByText('How to pay').nextElementSibling?.textContent).toBe('Pay at the door.');
  });

  it.each([
    [true, 'All codes are copied.', true],
    [false, 'This browser does not allow copying. Select the codes instead.', false],
  ])('says what became of copying all codes: %s', async (allowed, words, hidden) => {
    const { screen, settled } = await show();
    const copy = vi.spyOn(TestBed.inject(Clipboard), 'copy').mockReturnValue(allowed);
    screen.getByRole('button', { name: 'Copy all codes' }).click();
    await settled();
    expect(copy).toHaveBeenCalledWith('7FDY9-S5J0F-BKKYT-F3Y6W-M\nQQDY9-S5J0F-BKKYT-F3Y6W-X');
    const said = screen.getByText(words);
    expect(said.getAttribute('role')).toBe('status');
    expect(said.classList.contains('visually-hidden')).toBe(hidden);
  });

  const at = (moment: string, bookable: boolean): Booking => ({
    ...sampleBooking,
    event: { ...sampleBooking.event, date_time: moment, bookable },
  });

  it.each([
    ['2099-12-05T18:30:00Z', false],
    ['2001-12-05T18:30:00Z', true],
  ])('asks the server and not its clock whether %s is over', async (moment, bookable) => {
    const { screen } = await show(at(moment, bookable));
    expect(screen.queryByText('This event is over.') === null).toBe(bookable);
  });

  const cancelled: Booking = { ...sampleBooking, status: 'cancelled', cancelled_at: null };
  const calledOff: Booking = { ...cancelled, event: { ...cancelled.event, status: 'cancelled' } };

  it.each([
    ['Booking cancelled', cancelled],
    ['This event was cancelled', calledOff],
  ])('says what was cancelled, and shows no tickets: %s', async (words, booking) => {
    const { screen } = await show(booking);
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe(words);
    expect(screen.getByText(/Your booking of 2 tickets was cancelled\./)).toBeTruthy();
    expect(screen.queryByRole('article')).toBeNull();
  });

  const contact = { organiser_contact: 'box@example.org' };

  it.each([
    ['Anything you have paid is returned by the organiser: box@example.org.', calledOff],
    ['If you have paid, the organiser says what is returned: box@example.org.', cancelled],
  ])('says what becomes of the money: %s', async (words, booking) => {
    const { screen } = await show({ ...booking, event: { ...booking.event, ...contact } });
    expect(screen.getByText(words)).toBeTruthy();
  });

  it('says nothing about money where there was none', async () => {
    const { screen } = await show({ ...calledOff, total_amount: '0.00' });
    expect(screen.queryByText(/paid/)).toBeNull();
  });

  it('does not take a later cancellation of the event for the reason', async () => {
    const event = { ...calledOff.event, cancellation_reason: 'The singer is ill.' };
    const { screen } = await show({ ...calledOff, event, cancelled_before_event: true });
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Booking cancelled');
    expect(
      screen.getByText(
        /^Your booking .* was cancelled\..* Later the event was cancelled as well\. .*singer is ill/,
      ),
    ).toBeTruthy();
  });

  async function navigateWith(booking: Booking) {
    TestBed.configureTestingModule({
      providers: [
        provideRouter(
          [{ path: 'bookings/:id', component: BookingPage }],
          withComponentInputBinding(),
        ),
        provideHttpClient(),
        provideHttpClientTesting(),
      ],
    });
    const harness = await RouterTestingHarness.create();
    const info: BookingHandedOver = { booking };
    await TestBed.inject(Router).navigate(['/bookings', 42], { info });
    await harness.fixture.whenStable();
    return within(harness.fixture.nativeElement as HTMLElement);
  }

  it('begins with the booking that was just made, without asking for it', async () => {
    const screen = await navigateWith(sampleBooking);
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Your tickets');
    TestBed.inject(HttpTestingController).expectNone('/api/bookings/42');
  });

  it('asks for its own booking when another was handed over', async () => {
    const page = navigateWith({ ...sampleBooking, id: 43 });
    await vi.waitFor(() => {
      TestBed.inject(HttpTestingController).expectOne('/api/bookings/42').flush(sampleBooking);
    });
    expect((await page).getAllByText(/No\. 42/)).toBeTruthy();
  });
});
