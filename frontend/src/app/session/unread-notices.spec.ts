import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { User } from '../api/shapes';
import { sampleUser } from '../../testing/samples';
import { UnreadNotices } from './unread-notices';

describe('UnreadNotices', () => {
  let unread: UnreadNotices;
  let backend: HttpTestingController;

  beforeEach(async () => {
    localStorage.clear();
    TestBed.configureTestingModule({
      providers: [provideHttpClient(), provideHttpClientTesting()],
    });
    unread = TestBed.inject(UnreadNotices);
    backend = TestBed.inject(HttpTestingController);
    await settled();
  });

  async function settled(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
    TestBed.tick();
  }

  async function signIn(user: User | null): Promise<void> {
    backend.expectOne('/api/sessions/current').flush({ user, expires_at: null });
    await settled();
  }

  const asked = () => backend.expectOne('/api/notices/unread');

  it('asks nothing while nobody is signed in', async () => {
    await signIn(null);
    document.dispatchEvent(new Event('visibilitychange'));
    backend.expectNone('/api/notices/unread');
  });

  it('counts, and counts again when the page can be seen again', async () => {
    await signIn(sampleUser);
    asked().flush({ count: 2 });
    await settled();
    expect(unread.count()).toBe(2);
    document.dispatchEvent(new Event('visibilitychange'));
    asked().flush({ count: 3 });
    await settled();
    expect(unread.count()).toBe(3);
  });

  it('keeps the last number while there is no answer', async () => {
    await signIn(sampleUser);
    asked().flush({ count: 2 });
    await settled();
    document.dispatchEvent(new Event('visibilitychange'));
    asked().error(new ProgressEvent('error'));
    await settled();
    expect(unread.count()).toBe(2);
  });

  it('does not go back to what was counted before notices were read', async () => {
    await signIn(sampleUser);
    const slow = asked();
    const marked = unread.markRead([1, 2]);
    backend.expectOne('/api/notices/read').flush({ count: 0 });
    expect(await marked).toBe(true);
    slow.flush({ count: 2 });
    await settled();
    expect(unread.count()).toBe(0);
  });

  it('counts again when another tab has read some', async () => {
    await signIn(sampleUser);
    asked().flush({ count: 2 });
    const otherTab = new BroadcastChannel('marquee.notices');
    otherTab.postMessage(null);
    await vi.waitFor(() => asked().flush({ count: 0 }));
    otherTab.close();
    await settled();
    expect(unread.count()).toBe(0);
  });

  it('shows nobody the number of another person', async () => {
    await signIn(sampleUser);
    asked().flush({ count: 2 });
    await settled();
    document.dispatchEvent(new Event('visibilitychange'));
    asked().flush({ count: 2 });
    await signIn({ ...sampleUser, id: 6 });
    expect(unread.count()).toBe(0);
    asked();
  });
});
