import { TestBed } from '@angular/core/testing';
import { showPage } from '../../../testing/page';
import { Integrity } from './integrity';
import { IntegrityPanel } from './integrity-panel';

describe('IntegrityPanel', () => {
  afterEach(() => vi.useRealTimers());

  it('says healthy when no row contradicts another', async () => {
    const { backend, screen, settled } = showPage(IntegrityPanel);
    backend.expectOne('/api/admin/integrity').flush({ items: [], next_cursor: null });
    await settled();
    expect(screen.getByRole('status').textContent).toContain('Healthy.');
  });

  it('names the time of the answer that is shown, not of the question', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(2026, 10, 22, 10, 0) });
    const { backend, screen, settled } = showPage(IntegrityPanel);
    const healthy = { items: [], next_cursor: null };
    vi.setSystemTime(new Date(2026, 10, 22, 10, 1));
    backend.expectOne('/api/admin/integrity').flush(healthy);
    await settled();
    expect(screen.getByRole('status').textContent).toMatch(/Compared at 10:01/);

    vi.setSystemTime(new Date(2026, 10, 22, 10, 30));
    TestBed.inject(Integrity).refresh();
    await settled();
    expect(screen.getByRole('status').textContent).toMatch(/Compared at 10:01/);
    vi.setSystemTime(new Date(2026, 10, 22, 10, 31));
    backend.expectOne('/api/admin/integrity').flush(healthy);
    await settled();
    expect(screen.getByRole('status').textContent).toMatch(/Compared at 10:31/);
  });

  it('lists every finding with what it should be and what it is', async () => {
    const { backend, screen, settled } = showPage(IntegrityPanel);
    const finding = {
      kind: 'tickets-sold-differs',
      table_name: 'events',
      row_id: 7,
      expected: '54',
      actual: null,
    };
    backend.expectOne('/api/admin/integrity').flush({ items: [finding], next_cursor: null });
    await settled();
    expect(screen.getByRole('alert').textContent).toContain('1 row contradicts another');
    const cells = screen.getAllByRole('cell').map((cell) => cell.textContent?.trim());
    expect(cells).toEqual(['Tickets sold differs', 'events 7', '54', 'nothing']);
    expect(screen.getByRole('link').getAttribute('href')).toBe('/admin/events/7');
  });
});
