import { TestBed } from '@angular/core/testing';
import { showPage } from '../../../testing/page';
import { Integrity as Answer, IntegritySweep } from '../../api/admin-shapes';
import { Integrity, sweepWords } from './integrity';
import { IntegrityPanel } from './integrity-panel';

const ended: IntegritySweep = {
  began_at: '2026-11-22T09:00:00Z',
  ended_at: '2026-11-22T09:05:00Z',
  events_checked: 24_000,
  events_total: 24_000,
};
const healthy: Answer = { items: [], next_cursor: null, violations: 0, sweep: ended };

describe('the position of the sweep', () => {
  const now = Date.parse('2026-11-22T09:08:10Z');

  it('tells how much is checked, and how old the last full pass is', () => {
    expect(sweepWords(ended, now)).toBe(
      'Checked 24,000 events; last full pass ended 3 minutes ago.',
    );
    const next = { ...ended, began_at: '2026-11-22T09:07:00Z', events_checked: 12_000 };
    expect(sweepWords(next, now)).toBe(
      'Checked 12,000 of 24,000 events; last full pass ended 3 minutes ago.',
    );
  });

  it('says so when no pass has ended, or none has begun', () => {
    expect(sweepWords({ ...ended, ended_at: null, events_checked: 1 }, now)).toBe(
      'Checked 1 of 24,000 events; the first full pass is under way.',
    );
    const none = { began_at: null, ended_at: null, events_checked: 0, events_total: 0 };
    expect(sweepWords(none, now)).toBe('The first check begins within a minute.');
  });

  it('counts events that are new in the pass, and copes with a clock that is behind', () => {
    const more = { ...ended, events_checked: 24_001 };
    expect(sweepWords(more, Date.parse('2026-11-22T09:04:00Z'))).toBe(
      'Checked 24,001 events; last full pass ended 0 seconds ago.',
    );
  });
});

describe('IntegrityPanel', () => {
  it('says healthy when a full pass found nothing, and asks again at every visit', async () => {
    const { backend, screen, settled } = showPage(IntegrityPanel);
    backend.expectOne('/api/admin/integrity').flush(healthy);
    await settled();
    expect(screen.getByRole('status').textContent).toMatch(/Healthy\..*Checked 24,000 events/);

    TestBed.inject(Integrity).refresh();
    await settled();
    expect(screen.getByRole('status').textContent).toContain('Healthy.');
    backend.expectOne('/api/admin/integrity').flush(healthy);
  });

  it('does not say healthy before a pass has ended', async () => {
    const { backend, screen, settled } = showPage(IntegrityPanel);
    const first = { ...healthy, sweep: { ...ended, ended_at: null, events_checked: 10_000 } };
    backend.expectOne('/api/admin/integrity').flush(first);
    await settled();
    const text = screen.getByRole('status').textContent;
    expect(text).not.toContain('Healthy');
    expect(text).toContain('Checked 10,000 of 24,000 events');
  });

  it('lists every finding with what it should be and what it is', async () => {
    const { backend, screen, settled } = showPage(IntegrityPanel);
    const items = [
      {
        kind: 'quantity-differs-from-tickets',
        table_name: 'bookings',
        row_id: 4711,
        expected: '54',
        actual: null,
        event_id: 7,
      },
      {
        kind: 'event-word-differs',
        table_name: 'event_words',
        row_id: 0,
        expected: 'jazz: 1',
        actual: 'jazz: 2',
        event_id: null,
      },
    ];
    const answer: Answer = { ...healthy, items, violations: 1200 };
    backend.expectOne('/api/admin/integrity').flush(answer);
    await settled();
    expect(screen.getByRole('alert').textContent).toContain('1,200 rows contradict others');
    const cells = screen.getAllByRole('cell').map((cell) => cell.textContent?.trim());
    expect(cells).toEqual([
      ...['Quantity differs from tickets', 'bookings 4711', '54', 'nothing'],
      ...['Event word differs', 'event_words', 'jazz: 1', 'jazz: 2'],
    ]);
    expect(screen.getByRole('link').getAttribute('href')).toBe('/admin/events/7');
  });
});
