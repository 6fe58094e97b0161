import { Component, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { EmptyStage } from './empty-stage';

/** There is nothing at this address. The page leads to the list of events. */
@Component({
  selector: 'mq-not-found',
  imports: [EmptyStage, RouterLink],
  template: `
    <div class="wrap page">
      <mq-empty-stage />
      <h1>{{ heading() }}</h1>
      <p>It may have moved, or the link is not complete.</p>
      <a class="button action" routerLink="/">See what’s on</a>
    </div>
  `,
  styles: `
    .page {
      display: grid;
      gap: var(--space-4);
      justify-items: center;
      padding-block-start: var(--space-7);
      text-align: center;
    }
  `,
})
export class NotFound {
  readonly heading = input('Page not found');
}
