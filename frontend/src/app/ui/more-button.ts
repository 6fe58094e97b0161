import { Component, input } from '@angular/core';
import { PagedList } from '../api/paged-list';
import { ProblemNotice } from './problem-notice';

/** The end of a list that has more pages: loads the next one, or says why it could not. */
@Component({
  selector: 'mq-more',
  imports: [ProblemNotice],
  template: `
    @if (list().moreProblem(); as problem) {
      <mq-problem-notice [problem]="problem" (retry)="list().loadMore()" />
    } @else if (list().hasMore()) {
      <button
        type="button"
        class="button"
        [attr.aria-disabled]="list().loadingMore()"
        (click)="list().loadMore()"
      >
        {{ list().loadingMore() ? 'Loading' : 'Show' }} more {{ of() }}
      </button>
    }
  `,
  styles: `
    :host {
      display: block;
    }

    /* No room, and no line above it, where the list ends. */
    :host(:empty) {
      display: none;
    }

    mq-problem-notice {
      display: block;
      text-align: start;
    }
  `,
})
export class MoreButton {
  readonly list =
    input.required<
      Pick<PagedList<unknown>, 'moreProblem' | 'hasMore' | 'loadingMore' | 'loadMore'>
    >();
  /** The plural noun for its items, as in “Show more events”. */
  readonly of = input.required<string>();
}
