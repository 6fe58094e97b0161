import { Component, computed, inject } from '@angular/core';
import { RouterLink, RouterLinkActive } from '@angular/router';
import { UnreadNotices } from '../session/unread-notices';
import { Icon } from '../ui/icon';

/** There is room for two digits. */
const MOST_SHOWN = 99;

/** Leads to the notices, and shows how many of them are new. */
@Component({
  selector: 'mq-notice-bell',
  imports: [Icon, RouterLink, RouterLinkActive],
  template: `
    <a
      routerLink="/notices"
      routerLinkActive
      ariaCurrentWhenActive="page"
      [attr.aria-label]="label()"
    >
      <mq-icon name="bell" />
      @if (unread.count() > 0) {
        <span class="count" aria-hidden="true">{{ shown() }}</span>
      }
    </a>
  `,
  styles: `
    a {
      position: relative;
      display: grid;
      place-items: center;
      width: var(--target);
      height: var(--target);
      border-radius: 50%;
    }

    a[aria-current] {
      box-shadow: inset 0 0 0 2px var(--ink);
    }

    @media (hover: hover) {
      a:hover {
        background: var(--paper-sunk);
      }
    }

    .count {
      position: absolute;
      inset-block-start: 0.1rem;
      inset-inline-start: 52%;
      min-width: 1.25rem;
      padding-inline: 0.3rem;
      border-radius: 1rem;
      background: var(--accent);
      color: var(--on-accent);
      font-size: 0.75rem;
      font-weight: 700;
      line-height: 1.25rem;
      text-align: center;
    }

    @media (forced-colors: active) {
      .count {
        border: 1px solid;
      }
    }
  `,
})
export class NoticeBell {
  protected readonly unread = inject(UnreadNotices);
  protected readonly shown = computed(() =>
    this.unread.count() > MOST_SHOWN ? `${MOST_SHOWN}+` : String(this.unread.count()),
  );
  protected readonly label = computed(() => {
    const count = this.unread.count();
    if (count === 0) return 'Notices';
    return count > MOST_SHOWN ? `Notices, more than ${MOST_SHOWN} new` : `Notices, ${count} new`;
  });
}
