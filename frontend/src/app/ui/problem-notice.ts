import { Location } from '@angular/common';
import { Component, computed, inject, input, output } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Problem } from '../api/problem';

/** A request failed: what happened, what to do, and the number support will ask for. */
@Component({
  selector: 'mq-problem-notice',
  imports: [RouterLink],
  template: `
    <div class="notice bad" role="alert">
      <p class="heading">{{ problem().title }}</p>
      <p>{{ problem().detail }}</p>
      <div class="actions">
        @if (signInNeeded()) {
          <a class="button action" routerLink="/sign-in" [queryParams]="{ return: here }"
            >Sign in</a
          >
        } @else {
          <button type="button" class="button" (click)="retry.emit()">Try again</button>
        }
      </div>
      @if (problem().request_id; as id) {
        <p class="hint">
          If you ask for help, name this request: <code>{{ id }}</code>
        </p>
      }
    </div>
  `,
})
export class ProblemNotice {
  readonly problem = input.required<Problem>();
  readonly retry = output();

  protected readonly here = inject(Location).path();
  protected readonly signInNeeded = computed(() => this.problem().status === 401);
}
