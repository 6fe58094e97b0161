import { Location } from '@angular/common';
import { Component, DOCUMENT, effect, ElementRef, inject, signal, viewChild } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { NavigationEnd, Router, RouterOutlet } from '@angular/router';
import { filter, map, pairwise, startWith } from 'rxjs';
import { ConfirmDialog } from './session/confirm-dialog';
import { Confirmation } from './session/confirmation';
import { CurrentSession } from './session/current-session';
import { FocusKeeper } from './shell/focus-keeper';
import { Masthead } from './shell/masthead';
import { NavigationFailure } from './shell/navigation-failure';
import { SiteFooter } from './shell/site-footer';

@Component({
  selector: 'mq-root',
  imports: [ConfirmDialog, Masthead, RouterOutlet, SiteFooter],
  templateUrl: './app.html',
  styleUrl: './app.css',
  host: { '[class.opens-door]': 'opensDoor()' },
})
export class App {
  protected readonly failure = inject(NavigationFailure);
  protected readonly confirmation = inject(Confirmation);
  /** Until the first page is there: at a door nothing may show that then goes away on a phone. */
  protected readonly opensDoor = signal(isDoor(inject(Location).path()));
  private readonly main = viewChild.required<ElementRef<HTMLElement>>('main');

  constructor() {
    this.#leaveWithTheirUser();
    inject(FocusKeeper).watch();
    const path = (url: string) => url.split(/[?#]/)[0];
    inject(Router)
      .events.pipe(
        filter((event) => event instanceof NavigationEnd),
        map((event) => path(event.urlAfterRedirects)),
        startWith(null),
        pairwise(),
        takeUntilDestroyed(),
      )
      .subscribe(([before, now]) => {
        this.failure.clear();
        this.opensDoor.set(false);
        // Not on the first page, where the browser's own start is right, and not when only the
        // query changed: then somebody is typing in the search box.
        if (before !== null && before !== now) this.focusMain();
      });
  }

  /**
   * When another tab has signed the user out, or somebody else in, nothing of the old user may stay
   * on a page that only they may see. What they typed and have not saved stays: saving it is refused
   * if it must be.
   */
  #leaveWithTheirUser(): void {
    const session = inject(CurrentSession);
    const router = inject(Router);
    const page = inject(DOCUMENT).defaultView;
    effect(() => {
      if (session.departures() === 0) return;
      if (!/^\/(account|admin|bookings|notices)\b/.test(router.url)) return;
      // A page that holds something unsaved answers this as it answers the browser itself.
      const leaves = page?.dispatchEvent(new Event('beforeunload', { cancelable: true })) ?? false;
      if (leaves) page?.location.reload();
    });
  }

  protected skipToMain(event: Event): void {
    // A plain fragment link would change the address, and the router would open a page for it.
    event.preventDefault();
    this.focusMain();
  }

  protected focusMain(): void {
    this.main().nativeElement.focus({ preventScroll: true });
  }
}

function isDoor(url: string): boolean {
  const [path = '', query] = url.split('?');
  const ofEvent = path.endsWith('check-in') && new URLSearchParams(query).has('event');
  return ofEvent || path.endsWith('/door');
}
