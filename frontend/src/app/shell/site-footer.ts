import { Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { ConfigClient } from '../api/config-client';

/** The end of every page, with the links that the installation sets. */
@Component({
  selector: 'mq-site-footer',
  imports: [RouterLink],
  template: `
    <footer class="wrap screen-only">
      <p>Marquee. Find an event, book tickets, walk in with a code.</p>
      <ul>
        @for (link of links(); track link.words) {
          <li>
            <a [href]="link.url">{{ link.words }}</a>
          </li>
        }
        <li><a routerLink="/accessibility">Accessibility</a></li>
      </ul>
    </footer>
  `,
  styles: `
    footer {
      padding-block: var(--space-5) var(--space-6);
      border-top: 1px solid var(--line);
      color: var(--ink-soft);
      font-size: var(--size-small);
    }

    ul {
      display: flex;
      flex-wrap: wrap;
      gap: 0 var(--space-4);
    }

    a {
      display: inline-flex;
      align-items: center;
      min-height: var(--target-small);
    }
  `,
})
export class SiteFooter {
  readonly #config = inject(ConfigClient).find();

  protected readonly links = computed(() => {
    if (!this.#config.hasValue()) return [];
    const { imprint_url, privacy_url, terms_url } = this.#config.value();
    return [
      { words: 'Imprint', url: imprint_url },
      { words: 'Privacy', url: privacy_url },
      { words: 'Terms', url: terms_url },
    ].filter(({ url }) => url !== null);
  });
}
