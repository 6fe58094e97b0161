import { provideHttpClient, withInterceptors } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { NoticesClient } from '../api/notices-client';
import { SessionsClient } from '../api/sessions-client';
import { problem } from '../../testing/page';
import { sampleUser } from '../../testing/samples';
import { CurrentSession } from './current-session';
import { sessionInterceptor } from './session-interceptor';

describe('sessionInterceptor', () => {
  let backend: HttpTestingController;
  let session: CurrentSession;

  beforeEach(async () => {
    localStorage.clear();
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(withInterceptors([sessionInterceptor])),
        provideHttpClientTesting(),
      ],
    });
    backend = TestBed.inject(HttpTestingController);
    session = TestBed.inject(CurrentSession);
    backend.expectOne('/api/sessions/current').flush({ user: sampleUser, expires_at: null });
    await session.known;
  });

  function refuse(url: string): void {
    const error = problem('not-signed-in', 401);
    backend.expectOne(url).flush(error, { status: 401, statusText: 'Unauthorized' });
  }

  it('leaves it to the page to say that what was pressed was refused', async () => {
    const pressed = TestBed.inject(SessionsClient).end(7);
    refuse('/api/sessions/7');
    await expect(pressed).rejects.toThrow();
    expect(session.user()).toBeNull();
    expect(session.departures()).toBe(0);
  });

  it('leaves the page when the page itself finds that the session is over', async () => {
    const asked = TestBed.inject(NoticesClient).countUnread();
    refuse('/api/notices/unread');
    await expect(asked).rejects.toThrow();
    backend.expectOne('/api/sessions/current').flush({ user: null, expires_at: null });
    await new Promise((resolve) => setTimeout(resolve));
    expect(session.user()).toBeNull();
    expect(session.departures()).toBe(1);
  });
});
