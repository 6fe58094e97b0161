import { Component, input } from '@angular/core';
import { Loaded } from '../api/loaded';
import { NotFound } from './not-found';
import { ProblemNotice } from './problem-notice';

/**
 * What a page shows while its one thing is not there: that it loads, that there is no such thing,
 * or a problem. The page's own content goes inside and shows itself once there is a value;
 * elements with the attribute `skeleton` are shown while the first answer is on its way.
 */
@Component({
  selector: 'mq-loaded',
  imports: [NotFound, ProblemNotice],
  template: `
    <ng-content />
    @if (of().value() === undefined) {
      @if (of().missing()) {
        <mq-not-found [heading]="'There is no such ' + what()" />
      } @else if (of().problem(); as problem) {
        <div class="wrap load-failure">
          <h1>This {{ what() }} could not be loaded</h1>
          <mq-problem-notice [problem]="problem" (retry)="of().reload()" />
        </div>
      } @else {
        <div aria-busy="true">
          <p class="visually-hidden" role="status">Loading the {{ what() }}</p>
          <ng-content select="[skeleton]" />
        </div>
      }
    }
  `,
  styles: `
    :host {
      display: contents;
    }
  `,
})
export class LoadedPage {
  readonly of = input.required<Loaded<unknown>>();
  /** The noun for it, as in “There is no such event”. */
  readonly what = input.required<string>();
}
