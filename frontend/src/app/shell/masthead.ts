import { Location } from '@angular/common';
import { Component, computed, inject, signal } from '@angular/core';
import { Router, RouterLink, RouterLinkActive } from '@angular/router';
import { CurrentSession } from '../session/current-session';
import { Icon } from '../ui/icon';
import { IsolatedPipe } from '../ui/isolated-pipe';
import { initialsOf } from './initials';
import { NoticeBell } from './notice-bell';
import { Theme } from './theme';

@Component({
  selector: 'mq-masthead',
  imports: [Icon, IsolatedPipe, NoticeBell, RouterLink, RouterLinkActive],
  templateUrl: './masthead.html',
  styleUrl: './masthead.css',
})
export class Masthead {
  protected readonly session = inject(CurrentSession);
  protected readonly theme = inject(Theme);
  protected readonly initials = computed(() => initialsOf(this.session.user()?.name ?? ''));
  protected readonly failed = signal(false);
  readonly #router = inject(Router);
  readonly #location = inject(Location);

  protected async signOut(): Promise<void> {
    this.failed.set(false);
    try {
      await this.session.signOut();
      await this.#router.navigateByUrl('/');
    } catch {
      this.failed.set(true);
    }
  }

  /** Signing in from any page leads back to it, with what was chosen there. */
  protected signIn(event: Event): void {
    event.preventDefault();
    const here = this.#location.path();
    const queryParams = here === '' || here.startsWith('/sign-') ? {} : { return: here };
    void this.#router.navigate(['/sign-in'], { queryParams });
  }
}
