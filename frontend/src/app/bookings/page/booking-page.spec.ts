import { Clipboard } from '@angular/cdk/clipboard';
import { inputBinding } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { showPage } from '../../../testing/page';
import { sampleBooking } from '../../../testing/samples';
import { BookingPage } from './booking-page';

describe('BookingPage', () => {
  async function show() {
    const page = showPage(BookingPage, [inputBinding('id', () => '42')]);
    page.backend.expectOne('/api/bookings/42').flush(sampleBooking);
    await page.settled();
    return page;
  }

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
});
