import { showPage } from '../../../testing/page';
import { IntegrityPanel } from './integrity-panel';

describe('IntegrityPanel', () => {
  it('says healthy when no row contradicts another', async () => {
    const { backend, screen, settled } = showPage(IntegrityPanel);
    backend.expectOne('/api/admin/integrity').flush({ items: [], next_cursor: null });
    await settled();
    expect(screen.getByRole('status').textContent).toContain('Healthy.');
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
