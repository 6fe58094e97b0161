import { Clipboard } from '@angular/cdk/clipboard';
import { Component, DOCUMENT, inject, input, signal } from '@angular/core';
import { Icon } from './icon';

/** Hands the page's link to another program, or copies it where the browser cannot. */
@Component({
  selector: 'mq-share-button',
  imports: [Icon],
  template: `
    <button type="button" class="button quiet" (click)="share()">
      <mq-icon name="share" />
      {{ copied() ? 'Link copied' : 'Share' }}
    </button>
    <p class="hint" role="status" [class.visually-hidden]="copied() !== false">
      @if (copied() === true) {
        The link is copied.
      } @else if (copied() === false) {
        This browser does not allow copying. Copy the address of this page instead.
      }
    </p>
  `,
})
export class ShareButton {
  readonly title = input.required<string>();
  /** From the site's root. */
  readonly path = input.required<string>();

  readonly #page = inject(DOCUMENT);
  readonly #clipboard = inject(Clipboard);

  protected readonly copied = signal<boolean | null>(null);

  protected async share(): Promise<void> {
    const url = new URL(this.path(), this.#page.baseURI).href;
    const browser = this.#page.defaultView?.navigator;
    if (browser !== undefined && 'share' in browser) {
      try {
        await browser.share({ title: this.title(), url });
        return;
      } catch (error) {
        // Anyone who closes the browser's own dialog does not want the link either.
        if (error instanceof DOMException && error.name === 'AbortError') return;
      }
    }
    this.copied.set(this.#clipboard.copy(url));
  }
}
