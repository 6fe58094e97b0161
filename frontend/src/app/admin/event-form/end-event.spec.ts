import { inputBinding } from '@angular/core';
import { showPage } from '../../../testing/page';
import { sampleEvent } from '../../../testing/samples';
import { AdminEvent } from '../../api/admin-shapes';
import { EndEvent } from './end-event';

describe('EndEvent', () => {
  const event: AdminEvent = {
    ...sampleEvent,
    open_to_box_office: true,
    statistics: { bookings: 42, tickets_sold: 64, tickets_checked_in: 3, revenue: '1350.00' },
  };

  async function ask(button: string) {
    // jsdom has no modal dialogs.
    HTMLDialogElement.prototype.showModal = function () {
      this.open = true;
    };
    const page = showPage(EndEvent, [inputBinding('event', () => event)]);
    page.screen.getByRole('button', { name: button }).click();
    page.backend.expectOne('/api/admin/events/7').flush(event);
    await page.settled();
    return page;
  }

  it('says what cannot be undone, and what is lost', () => {
    const { screen } = showPage(EndEvent, [inputBinding('event', () => event)]);
    const said = screen.getByText(/^\s*Ending an event cannot be undone\./);
    expect(said.textContent).toMatch(/Changes above\s+that are not saved are lost\./);
  });

  it('cancels with the reason that was typed', async () => {
    const { backend, screen, settled } = await ask('Cancel event …');
    const reason = screen.getByLabelText<HTMLInputElement>('Reason');
    reason.value = ' The singer is ill. ';
    reason.dispatchEvent(new Event('input'));
    await settled();
    screen.getByRole('button', { name: 'Cancel the event' }).click();
    const { request } = backend.expectOne('/api/events/7');
    expect(request.body).toMatchObject({
      status: 'cancelled',
      cancellation_reason: 'The singer is ill.',
    });
  });

  it('gives no reason where none was typed', async () => {
    const { backend, screen } = await ask('Cancel event …');
    screen.getByRole('button', { name: 'Cancel the event' }).click();
    const { request } = backend.expectOne('/api/events/7');
    expect(request.body).toMatchObject({ status: 'cancelled', cancellation_reason: null });
  });

  it('asks for no reason when the event is completed', async () => {
    const { screen } = await ask('Mark as completed …');
    expect(screen.queryByLabelText('Reason')).toBeNull();
  });
});
