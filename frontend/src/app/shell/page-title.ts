import { LiveAnnouncer } from '@angular/cdk/a11y';
import { inject, Service } from '@angular/core';
import { Title } from '@angular/platform-browser';
import { RouterStateSnapshot, TitleStrategy } from '@angular/router';

/** Names the page in the browser's tab and, as nothing else tells a screen reader, aloud. */
@Service()
export class PageTitle extends TitleStrategy {
  readonly #title = inject(Title);
  readonly #announcer = inject(LiveAnnouncer);
  #current = '';

  override updateTitle(snapshot: RouterStateSnapshot): void {
    const title = this.buildTitle(snapshot);
    if (title !== undefined) this.set(title);
  }

  set(title: string): void {
    if (title === this.#current) return;
    const isFirst = this.#current === '';
    this.#current = title;
    this.#title.setTitle(`${title} · Marquee`);
    // The browser announces the first page's title itself.
    if (!isFirst) void this.#announcer.announce(title);
  }
}
