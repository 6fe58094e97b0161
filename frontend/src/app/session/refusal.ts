import { Location } from '@angular/common';
import { Component, computed, inject, input } from '@angular/core';
import { Problem } from '../api/problem';
import { CurrentSession } from './current-session';

/**
 * Why a form was not sent. When the session has ended, it leads to signing in in a new tab: what
 * was typed stays in this one, and can be sent from it afterwards.
 */
@Component({
  selector: 'mq-refusal',
  template: `
    <div class="notice bad" [attr.role]="role()">
      @if (problem().type !== '/problems/not-signed-in') {
        <p class="heading">{{ problem().title }}</p>
        <p>{{ problem().detail }} {{ after() }}</p>
        <ng-content />
      } @else if (session.user()) {
        <p class="heading">You are signed in again</p>
        <p>What you typed is still here. Send it now.</p>
      } @else {
        <p class="heading">{{ problem().title }}</p>
        <p>What you typed is still here. Sign in in another tab, then come back and send it.</p>
        <a class="button" target="_blank" [href]="signIn()">Sign in in a new tab</a>
      }
    </div>
  `,
})
export class Refusal {
  readonly problem = input.required<Problem>();
  /** A sentence that is said after the problem. */
  readonly after = input('');
  /** None where it stands in a live region. */
  readonly role = input<'alert' | null>('alert');

  protected readonly session = inject(CurrentSession);
  readonly #location = inject(Location);
  /** The new tab does not open this form a second time. */
  protected readonly signIn = computed(() => {
    const here = this.#location.path();
    return `/sign-in?return=${here.startsWith('/admin') ? '/admin' : '/'}`;
  });
}
