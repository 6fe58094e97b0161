import { TestBed } from '@angular/core/testing';
import { ActivatedRoute } from '@angular/router';
import { BehaviorSubject } from 'rxjs';
import { problem, showPage, signInAs, TestPage } from '../../testing/page';
import { sampleUser } from '../../testing/samples';
import { PassPage } from './pass-page';

describe('PassPage', () => {
  let fragment: BehaviorSubject<string | null>;

  beforeEach(() => {
    localStorage.clear();
    vi.stubGlobal('matchMedia', () => ({ matches: true }));
    fragment = new BehaviorSubject<string | null>('mqp_secret');
    TestBed.overrideProvider(ActivatedRoute, { useValue: { fragment } });
  });

  const heading = ({ screen }: TestPage<unknown>) =>
    screen.getByRole('heading', { level: 1 }).textContent;

  it('opens the door with the secret of the link', async () => {
    const page = showPage(PassPage);
    await signInAs(page, null);
    const sent = page.backend.expectOne('/api/door-sessions');
    expect(sent.request.body).toEqual({ pass: 'mqp_secret' });
    sent.flush({ user: null, expires_at: null, door: { event_id: 7, name: 'Main entrance' } });
    await page.settled();
    page.backend.expectOne('/api/events/7/door');
  });

  it('asks a person who is signed in first', async () => {
    const page = showPage(PassPage);
    await signInAs(page, sampleUser);
    expect(heading(page)).toBe('Open a door?');
    page.backend.expectNone('/api/door-sessions');
    page.screen.getByRole('button', { name: 'Open the door' }).click();
    page.backend.expectOne('/api/door-sessions');
  });

  it('says that a pass is not valid, and tries again when there was no answer', async () => {
    const page = showPage(PassPage);
    await signInAs(page, null);
    page.backend.expectOne('/api/door-sessions').error(new ProgressEvent('error'));
    await page.settled();
    expect(heading(page)).toBe('The door could not be opened');
    page.screen.getByRole('button', { name: 'Try again' }).click();
    page.backend
      .expectOne('/api/door-sessions')
      .flush(problem('pass-not-valid', 401), { status: 401, statusText: '' });
    await page.settled();
    expect(heading(page)).toBe('This pass is not valid');
  });
});
