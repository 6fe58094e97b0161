import { inputBinding } from '@angular/core';
import { showPage } from '../../../testing/page';
import { EventIntegrity as Answer } from '../../api/admin-shapes';
import { EventIntegrity } from './event-integrity';

const PATH = '/api/admin/events/7/integrity';
const healthy: Answer = { items: [], checked_at: '2026-11-22T10:31:00Z' };

function show() {
  return showPage(EventIntegrity, [inputBinding('eventId', () => 7)]);
}

describe('EventIntegrity', () => {
  it('says healthy when nothing in the event contradicts itself', async () => {
    const { backend, screen, settled } = show();
    backend.expectOne(PATH).flush(healthy);
    await settled();
    expect(screen.getByRole('status').textContent).toMatch(/Healthy\..*Checked at \d/);
  });

  it('lists the contradictions, and checks again on request', async () => {
    const { backend, screen, settled } = show();
    const finding = {
      kind: 'tickets-sold-differs',
      table_name: 'events',
      row_id: 7,
      expected: '54',
      actual: '55',
      event_id: 7,
    };
    backend.expectOne(PATH).flush({ ...healthy, items: [finding] });
    await settled();
    expect(screen.getByRole('alert').textContent).toContain('cannot be trusted');
    expect(screen.getByRole('cell', { name: 'Tickets sold differs' })).toBeTruthy();

    screen.getByRole('button', { name: 'Check again' }).click();
    await settled();
    backend.expectOne(PATH).flush(healthy);
    await settled();
    expect(screen.getByRole('status').textContent).toContain('Healthy.');
  });
});
