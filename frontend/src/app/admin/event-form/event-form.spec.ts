import { inputBinding } from '@angular/core';
import { showPage } from '../../../testing/page';
import { sampleEvent } from '../../../testing/samples';
import { AdminEvent } from '../../api/admin-shapes';
import { EventInput } from '../../api/shapes';
import { posterArt } from '../../ui/poster-art';
import { EventForm } from './event-form';

describe('EventForm', () => {
  const event: AdminEvent = {
    ...sampleEvent,
    open_to_box_office: true,
    statistics: { bookings: 42, tickets_sold: 54, tickets_checked_in: 0, revenue: '1350.00' },
  };

  const preview = {
    people: 40,
    bookings: 42,
    tickets: 54,
    text: 'Jazz am Kanal has changed. It now takes place at Ersatzhalle.',
    cancellable_until: event.date_time,
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

  it('says whom an edit concerns, and asks before they are told', async () => {
    const { backend, screen, settled } = await edit('Venue', 'Ersatzhalle');
    const asked = backend.expectOne('/api/events/7/preview');
    expect(asked.request.body).toMatchObject({ venue: 'Ersatzhalle', status: 'active' });
    asked.flush(preview);
    await settled();
    const dialog = screen.getByRole<HTMLDialogElement>('dialog', { name: 'Tell the guests?' });
    expect(dialog.open).toBe(true);
    expect(dialog.textContent).toContain('40 people with 42 bookings and 54 tickets');
    expect(dialog.textContent).toContain(preview.text);
    expect(dialog.textContent).toContain('until Saturday, December 5, 2099, 7:30 PM');
    backend.expectNone('/api/events/7');
    dialog.querySelector<HTMLButtonElement>('button:last-of-type')?.click();
    await settled();
    const { request } = backend.expectOne('/api/events/7');
    expect(request.body).toMatchObject({ venue: 'Ersatzhalle' });
  });

  it('does not ask when nobody has booked', async () => {
    const { backend, settled } = await edit('Date and time', '2099-12-06T19:30');
    backend.expectOne('/api/events/7/preview').flush({ ...preview, people: 0 });
    await settled();
    backend.expectOne('/api/events/7');
  });

  it('draws another poster, and sends the one that is shown', async () => {
    const { backend, screen, settled } = showPage(EventForm, [inputBinding('base', () => event)]);
    const posters = () =>
      [...document.querySelectorAll('mq-poster svg')].map((drawing) => drawing.innerHTML);
    const [before] = posters();
    screen.getByRole('button', { name: 'Draw another poster' }).click();
    await settled();
    // Beside the button, and on the card as customers will see it.
    const [beside, onTheCard] = posters();
    expect(beside).not.toBe(before);
    expect(onTheCard).toBe(beside);
    screen.getByRole('button', { name: 'Save changes', hidden: false }).click();
    await settled();
    const { poster_seed: seed } = backend.expectOne('/api/events/7').request.body as EventInput;
    expect(seed).not.toBe(event.poster_seed);
    for (const { path } of posterArt(seed as number).shapes) expect(beside).toContain(`"${path}"`);
  });

  it('keeps the poster when the title is corrected', async () => {
    const { backend } = await edit('Title', 'Jazz on the canal');
    const { request } = backend.expectOne('/api/events/7');
    expect(request.body).toMatchObject({ poster_seed: event.poster_seed });
  });

  it('does not ask when the event stays where and when it is', async () => {
    const { backend } = await edit('Title', 'Jazz on the canal');
    backend.expectNone('/api/events/7/preview');
    backend.expectOne('/api/events/7');
  });
});
