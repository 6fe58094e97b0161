import { inputBinding } from '@angular/core';
import { showPage } from '../../../testing/page';
import { sampleEvent } from '../../../testing/samples';
import { AdminEvent } from '../../api/admin-shapes';
import { EventForm } from './event-form';

describe('EventForm', () => {
  const event: AdminEvent = {
    ...sampleEvent,
    statistics: { bookings: 42, tickets_sold: 54, tickets_checked_in: 0, revenue: '1350.00' },
  };

  async function edit(label: string, text: string) {
    // jsdom has no modal dialogs.
    HTMLDialogElement.prototype.showModal = function () {
      this.open = true;
    };
    HTMLDialogElement.prototype.close = function () {
      this.open = false;
    };
    const page = showPage(EventForm, [inputBinding('base', () => event)]);
    const field = page.screen.getByLabelText<HTMLInputElement>(label);
    field.value = text;
    field.dispatchEvent(new Event('input'));
    await page.settled();
    page.screen.getByRole('button', { name: 'Save changes', hidden: false }).click();
    await page.settled();
    return page;
  }

  it('asks before an event moves for which tickets are sold', async () => {
    const { backend, screen, settled } = await edit('Venue', 'Ersatzhalle');
    backend.expectOne('/api/admin/events/7').flush(event);
    await settled();
    const dialog = screen.getByRole<HTMLDialogElement>('dialog', { name: 'Move this event?' });
    expect(dialog.open).toBe(true);
    expect(dialog.textContent).toContain('42 bookings with 54 tickets');
    backend.expectNone('/api/events/7');
    dialog.querySelector<HTMLButtonElement>('button:last-of-type')?.click();
    await settled();
    const { request } = backend.expectOne('/api/events/7');
    expect(request.body).toMatchObject({ venue: 'Ersatzhalle' });
  });

  it('does not ask when nobody has booked', async () => {
    const { backend, settled } = await edit('Date and time', '2099-12-06T19:30');
    const statistics = { ...event.statistics, bookings: 0, tickets_sold: 0 };
    backend.expectOne('/api/admin/events/7').flush({ ...event, statistics });
    await settled();
    backend.expectOne('/api/events/7');
  });

  it('does not ask when the event stays where and when it is', async () => {
    const { backend } = await edit('Title', 'Jazz on the canal');
    backend.expectNone('/api/admin/events/7');
    backend.expectOne('/api/events/7');
  });
});
