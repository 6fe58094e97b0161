import { inputBinding, signal } from '@angular/core';
import { showPage } from '../../testing/page';
import { Problem } from '../api/problem';
import { MoreButton } from './more-button';

describe('MoreButton', () => {
  function show() {
    const list = {
      hasMore: signal(true),
      loadingMore: signal(false),
      moreProblem: signal<Problem | null>(null),
      loadMore: vi.fn<() => Promise<void>>(),
    };
    const page = showPage(MoreButton, [
      inputBinding('list', () => list),
      inputBinding('of', () => 'events'),
    ]);
    return { ...page, list, host: page.fixture.nativeElement as HTMLElement };
  }

  it('loads the next page and says so', async () => {
    const { list, screen, settled } = show();
    screen.getByRole('button', { name: 'Show more events' }).click();
    expect(list.loadMore).toHaveBeenCalledOnce();
    list.loadingMore.set(true);
    await settled();
    const button = screen.getByRole('button', { name: 'Loading more events' });
    expect(button.getAttribute('aria-disabled')).toBe('true');
  });

  it('says why the next page did not come, and tries again', async () => {
    const { list, screen, settled } = show();
    list.moreProblem.set({ type: '/problems/busy', title: 'Busy', status: 503, detail: 'Wait.' });
    await settled();
    expect(screen.getByText('Wait.')).toBeTruthy();
    screen.getByRole('button', { name: 'Try again' }).click();
    expect(list.loadMore).toHaveBeenCalledOnce();
  });

  it('is empty at the end of the list', async () => {
    const { list, host, settled } = show();
    list.hasMore.set(false);
    await settled();
    expect(host.matches(':empty')).toBe(true);
  });
});
