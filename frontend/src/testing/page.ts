import { provideHttpClient, withInterceptors } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { Binding, Type } from '@angular/core';
import { ComponentFixture, TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { BoundFunctions, configure, queries, within } from '@testing-library/dom';
import { Session, User } from '../app/api/shapes';
import { confirmationInterceptor } from '../app/session/confirmation-interceptor';
import { sessionInterceptor } from '../app/session/session-interceptor';

// jsdom cannot compute all our styles. Tests in a real browser check what is visible.
configure({ defaultHidden: true });

// jsdom has no media queries: as on a computer with a mouse, in the light theme.
window.matchMedia = () => ({ matches: false }) as MediaQueryList;

export interface TestPage<C> {
  fixture: ComponentFixture<C>;
  backend: HttpTestingController;
  screen: BoundFunctions<typeof queries>;
  /** Until what the last answer or press set in motion is on the page. */
  settled: () => Promise<void>;
}

/** A component as a person meets it: in the document, found by role and label. */
export function showPage<C>(component: Type<C>, bindings: Binding[] = []): TestPage<C> {
  TestBed.configureTestingModule({
    providers: [
      provideRouter([]),
      provideHttpClient(withInterceptors([confirmationInterceptor, sessionInterceptor])),
      provideHttpClientTesting(),
    ],
  });
  const fixture = TestBed.createComponent(component, { bindings });
  fixture.detectChanges();
  return {
    fixture,
    backend: TestBed.inject(HttpTestingController),
    screen: within(fixture.nativeElement as HTMLElement),
    settled: async () => {
      // whenStable() would wait for requests that a test has not answered on purpose.
      await new Promise((resolve) => setTimeout(resolve));
      TestBed.tick();
    },
  };
}

export async function signInAs(page: TestPage<unknown>, user: User | null): Promise<void> {
  const session: Session = { user, expires_at: null, door: null, second_factor: null };
  page.backend.expectOne('/api/sessions/current').flush(session);
  await page.settled();
}

export function problem(type: string, status: number, more: object = {}) {
  return { type: `/problems/${type}`, title: type, status, detail: `Detail of ${type}.`, ...more };
}
