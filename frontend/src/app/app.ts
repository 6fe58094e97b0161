import { Component, ElementRef, inject, viewChild } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { NavigationEnd, Router, RouterOutlet } from '@angular/router';
import { filter, map, pairwise, startWith } from 'rxjs';
import { Masthead } from './shell/masthead';
import { NavigationFailure } from './shell/navigation-failure';
import { SiteFooter } from './shell/site-footer';

@Component({
  selector: 'mq-root',
  imports: [Masthead, RouterOutlet, SiteFooter],
  templateUrl: './app.html',
  styleUrl: './app.css',
})
export class App {
  protected readonly failure = inject(NavigationFailure);
  private readonly main = viewChild.required<ElementRef<HTMLElement>>('main');

  constructor() {
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
        // Not on the first page, where the browser's own start is right, and not when only the
        // query changed: then somebody is typing in the search box.
        if (before !== null && before !== now) this.focusMain();
      });
  }

  protected skipToMain(event: Event): void {
    // A plain fragment link would go to the site's root, because of <base href>.
    event.preventDefault();
    this.focusMain();
  }

  protected focusMain(): void {
    this.main().nativeElement.focus({ preventScroll: true });
  }
}
