import { inputBinding } from '@angular/core';
import { problem, showPage } from '../../../testing/page';
import { sampleEvent } from '../../../testing/samples';
import { EventCopiesPage } from './event-copies-page';

describe('EventCopiesPage', () => {
  const event = {
    ...sampleEvent,
    statistics: { bookings: 0, tickets_sold: 0, tickets_checked_in: 0, revenue: '0.00' },
  };

  async function show() {
    const page = showPage(EventCopiesPage, [inputBinding('id', () => '7')]);
    page.backend.expectOne('/api/admin/events/7').flush(event);
    await page.settled();
    const type = (label: string, text: string) => {
      const field = page.screen.getByLabelText<HTMLInputElement>(label);
      field.value = text;
      field.dispatchEvent(new Event('input'));
    };
    const press = async (name: string) => {
      page.screen.getByRole('button', { name }).click();
      await page.settled();
    };
    return { ...page, type, press };
  }

  it('copies to the dates that were added, with one key for one request', async () => {
    const { backend, screen, settled, type, press } = await show();
    type('Date and time', '2031-05-06T20:00');
    type('Every week, how many times', '3');
    await press('Add to the dates');
    screen.getAllByRole('button', { name: /^Remove/ })[1]?.click();
    await settled();
    await press('Create 2 drafts');
    const first = backend.expectOne('/api/events/7/copies');
    expect(first.request.body).toEqual({ dates: ['2031-05-06T20:00:00', '2031-05-20T20:00:00'] });
    first.flush(problem('busy', 503), { status: 503, statusText: 'Busy' });
    await settled();

    await press('Create 2 drafts');

    const again = backend.expectOne('/api/events/7/copies');
    const key = (request: typeof first) => request.request.headers.get('Idempotency-Key');
    expect(key(again)).toBe(key(first));
    again.flush({ items: [8, 9].map((id) => ({ ...sampleEvent, id, status: 'draft' })) });
    await settled();
    expect(document.activeElement?.textContent).toBe('The copies');
    expect(screen.getAllByText('Draft')).toHaveLength(2);
    expect(screen.getByRole('button', { name: 'Publish all' })).toBeTruthy();
  });

  it('asks for nothing without a date', async () => {
    const { backend, screen, press } = await show();
    expect(screen.getByText('No date is added yet.')).toBeTruthy();
    await press('Create 0 drafts');
    backend.expectNone('/api/events/7/copies');
  });
});
