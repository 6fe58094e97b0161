import { Component, inject, viewChild } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { EventDetails } from '../../api/shapes';
import { EventForm } from './event-form';
import { MayHoldUnsaved } from '../unsaved-guard';

@Component({
  selector: 'mq-new-event-page',
  imports: [EventForm, RouterLink],
  template: `
    <div class="wrap">
      <h1>New event</h1>
      <mq-event-form (saved)="openEvent($event)">
        <a class="button quiet" routerLink="/admin">Back to all events</a>
      </mq-event-form>
    </div>
  `,
  styles: `
    h1 {
      padding-block: var(--space-5);
      font-weight: 800;
    }
  `,
})
export class NewEventPage implements MayHoldUnsaved {
  readonly #router = inject(Router);
  private readonly form = viewChild.required(EventForm);

  mayLeave(): boolean | Promise<boolean> {
    return this.form().mayLeave();
  }

  protected openEvent(event: EventDetails): void {
    void this.#router.navigate(['/admin/events', event.id], { replaceUrl: true });
  }
}
