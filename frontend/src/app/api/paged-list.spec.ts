import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { ApplicationRef, signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { pagedList } from './paged-list';

describe('pagedList', () => {
  const search = signal('');
  let backend: HttpTestingController;
  let list: ReturnType<typeof pagedList<string>>;

  beforeEach(() => {
    search.set('');
    TestBed.configureTestingModule({
      providers: [provideHttpClient(), provideHttpClientTesting()],
    });
    backend = TestBed.inject(HttpTestingController);
    list = TestBed.runInInjectionContext(() =>
      pagedList<string>(() => ({ url: '/list', params: { search: search() } })),
    );
    TestBed.tick();
  });

  async function answer(url: string, items: string[], next_cursor: string | null): Promise<void> {
    backend.expectOne(url).flush({ items, next_cursor });
    await TestBed.inject(ApplicationRef).whenStable();
  }

  it('loads the first page, then more of it', async () => {
    expect(list.loading()).toBe(true);
    await answer('/list?search=', ['a', 'b'], 'c1');
    expect(list.items()).toEqual(['a', 'b']);
    expect(list.hasMore()).toBe(true);
    const more = list.loadMore();
    await answer('/list?search=&cursor=c1', ['c'], null);
    await more;
    expect(list.items()).toEqual(['a', 'b', 'c']);
    expect(list.hasMore()).toBe(false);
  });

  it('shows the last answer until the next one is there', async () => {
    await answer('/list?search=', ['a'], null);
    expect(list.items()).toEqual(['a']);
    search.set('x');
    TestBed.tick();
    expect(list.items()).toEqual(['a']);
    expect(list.refreshing()).toBe(true);
    await answer('/list?search=x', ['x'], null);
    expect(list.items()).toEqual(['x']);
  });

  it('does not add a page to the answer of another question', async () => {
    await answer('/list?search=', ['a'], 'c1');
    const more = list.loadMore();
    search.set('x');
    TestBed.tick();
    const late = backend.expectOne('/list?search=&cursor=c1');
    await answer('/list?search=x', ['x'], null);
    late.flush({ items: ['b'], next_cursor: null });
    await more;
    expect(list.items()).toEqual(['x']);
  });

  it('does not ask for more of a list that is being replaced', async () => {
    await answer('/list?search=', ['a'], 'c1');
    expect(list.hasMore()).toBe(true);
    search.set('x');
    void list.loadMore();
    backend.expectNone('/list?search=x&cursor=c1');
    TestBed.tick();
    await answer('/list?search=x', ['x'], null);
    expect(list.items()).toEqual(['x']);
  });

  it('does not show the failure of another question', async () => {
    await answer('/list?search=', ['a'], 'c1');
    const more = list.loadMore();
    search.set('x');
    TestBed.tick();
    const late = backend.expectOne('/list?search=&cursor=c1');
    await answer('/list?search=x', ['x'], 'c2');
    late.flush(null, { status: 503, statusText: 'Service Unavailable' });
    await more;
    expect(list.moreProblem()).toBeNull();
  });

  it('keeps its items when the next page fails, and can load it again', async () => {
    await answer('/list?search=', ['a'], 'c1');
    const more = list.loadMore();
    backend
      .expectOne('/list?search=&cursor=c1')
      .flush(null, { status: 503, statusText: 'Service Unavailable' });
    await more;
    expect(list.items()).toEqual(['a']);
    expect(list.moreProblem()?.status).toBe(503);
    const again = list.loadMore();
    await answer('/list?search=&cursor=c1', ['b'], null);
    await again;
    expect(list.moreProblem()).toBeNull();
    expect(list.items()).toEqual(['a', 'b']);
  });
});
