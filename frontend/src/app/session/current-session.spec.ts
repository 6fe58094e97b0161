import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { User } from '../api/shapes';
import { sampleUser } from '../../testing/samples';
import { CurrentSession } from './current-session';
import { OtherTabs } from './other-tabs';

const ben: User = { ...sampleUser, id: 6, name: 'Ben' };

describe('CurrentSession', () => {
  let session: CurrentSession;
  let backend: HttpTestingController;
  let hearOther: () => void;
  const tell = vi.fn();

  beforeEach(() => {
    localStorage.clear();
    tell.mockReset();
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(),
        provideHttpClientTesting(),
        {
          provide: OtherTabs,
          useValue: { tell, whenTold: (hear: () => void) => (hearOther = hear) },
        },
      ],
    });
    session = TestBed.inject(CurrentSession);
    backend = TestBed.inject(HttpTestingController);
  });

  const asked = () => backend.expectOne('/api/sessions/current');

  async function answer(user: User | null): Promise<void> {
    asked().flush({ user, expires_at: null });
    await new Promise((resolve) => setTimeout(resolve));
  }

  it('is nobody’s when the server cannot be reached at first', async () => {
    asked().error(new ProgressEvent('error'));
    await session.known;
    expect(session.user()).toBeNull();
  });

  it('asks again when another tab has signed somebody in', async () => {
    await answer(sampleUser);
    hearOther();
    await answer(ben);
    expect(session.user()).toEqual(ben);
    expect(session.departures()).toBe(1);
  });

  it('asks again when the page can be seen again', async () => {
    await answer(sampleUser);
    document.dispatchEvent(new Event('visibilitychange'));
    await answer(null);
    expect(session.user()).toBeNull();
    expect(session.departures()).toBe(1);
  });

  it('keeps the user, the same one, while nothing else is known', async () => {
    await answer(sampleUser);
    const before = session.user();
    hearOther();
    asked().error(new ProgressEvent('error'));
    hearOther();
    await answer({ ...sampleUser });
    expect(session.user()).toBe(before);
    expect(session.departures()).toBe(0);
  });

  it('does not take an older answer for newer than a sign-in', async () => {
    await answer(null);
    hearOther();
    const late = asked();
    const signedIn = session.signIn('030 123456', 'curtain-call');
    backend.expectOne('/api/sessions').flush({ user: ben, expires_at: null });
    await signedIn;
    late.flush({ user: null, expires_at: null });
    await new Promise((resolve) => setTimeout(resolve));
    expect(session.user()).toEqual(ben);
  });

  it('tells the other tabs of signing in and out', async () => {
    await answer(null);
    const signedIn = session.signIn('030 123456', 'curtain-call');
    backend.expectOne('/api/sessions').flush({ user: ben, expires_at: null });
    await signedIn;
    expect(tell).toHaveBeenCalledTimes(1);
    const signedOut = session.signOut();
    backend.expectOne({ method: 'DELETE', url: '/api/sessions/current' }).flush(null);
    await signedOut;
    expect(tell).toHaveBeenCalledTimes(2);
  });

  it('tells the other tabs once when the server says that the session is over', async () => {
    await answer(sampleUser);
    session.ended();
    session.ended();
    expect(session.user()).toBeNull();
    expect(tell).toHaveBeenCalledTimes(1);
    // What was pressed in this tab says so itself.
    expect(session.departures()).toBe(0);
  });

  it('opens a door with a pass, and an older answer does not close it', async () => {
    await answer(null);
    document.dispatchEvent(new Event('visibilitychange'));
    const late = asked();
    const door = { event_id: 7, name: 'Main entrance' };
    const opened = session.openDoor('mqp_secret');
    const sent = backend.expectOne('/api/door-sessions');
    expect(sent.request.body).toEqual({ pass: 'mqp_secret' });
    sent.flush({ user: null, expires_at: '2026-12-06T06:00:00Z', door });
    await opened;
    late.flush({ user: null, expires_at: null, door: null });
    await new Promise((resolve) => setTimeout(resolve));
    expect(session.door()).toEqual(door);
    expect(session.user()).toBeNull();
    expect(tell).toHaveBeenCalledTimes(1);
    session.ended();
    expect(session.door()).toBeNull();
  });
});
