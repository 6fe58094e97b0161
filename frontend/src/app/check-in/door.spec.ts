import { inputBinding } from '@angular/core';
import { showPage } from '../../testing/page';
import { sampleEvent } from '../../testing/samples';
import { Door } from './door';

const CODE = '7FDY9-S5J0F-BKKYT-F3Y6W-M';
const COUNTER = `/api/events/${sampleEvent.id}/door`;

function counted(inside: number) {
  const counts = { tickets_sold: 30, tickets_checked_in: inside };
  return { ...sampleEvent, ...counts };
}

describe('Door', () => {
  beforeEach(() => {
    vi.stubGlobal('matchMedia', () => ({ matches: false }));
  });

  it('counts no customer out again when an older answer of the counter comes late', async () => {
    const { backend, screen, settled } = showPage(Door, [
      inputBinding('eventId', () => sampleEvent.id),
    ]);
    backend.expectOne(COUNTER).flush(counted(28));
    await settled();
    expect(screen.getByText('28')).toBeDefined();

    document.dispatchEvent(new Event('visibilitychange'));
    await settled();
    const asked = backend.expectOne(COUNTER);

    const field = screen.getByLabelText<HTMLInputElement>('Ticket code');
    field.value = CODE;
    field.form?.dispatchEvent(new Event('submit', { cancelable: true }));
    await settled();
    backend.expectOne(`/api/tickets/${CODE.replaceAll('-', '')}/check-in`).flush({
      ticket: { id: 1, ticket_code: CODE, status: 'used', used_at: '2026-12-05T18:00:00Z' },
      booking: {
        id: 42,
        quantity: 1,
        customer_name: 'Ana',
        total_amount: '25.00',
        currency: 'EUR',
      },
      event: { ...sampleEvent, tickets_sold: 30, tickets_checked_in: 30 },
    });
    await settled();
    expect(screen.getByText('30')).toBeDefined();

    asked.flush(counted(29));
    await settled();
    expect(screen.getByText('30')).toBeDefined();
  });
});
