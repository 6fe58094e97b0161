import { Component, effect, inject, input, signal, viewChild } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { AdminClient } from '../../api/admin-client';
import { loaded } from '../../api/loaded';
import { isolated } from '../../formats/isolated';
import { PageTitle } from '../../shell/page-title';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { LoadedPage } from '../../ui/loaded-page';
import { EndEvent } from './end-event';
import { EventForm } from './event-form';
import { MayHoldUnsaved } from '../unsaved-guard';

@Component({
  selector: 'mq-edit-event-page',
  imports: [EndEvent, EventForm, IsolatedPipe, LoadedPage, RouterLink],
  template: `
    <mq-loaded [of]="loaded" what="event">
      @if (event(); as event) {
        <div class="wrap">
          <h1>
            <span class="kind small soft">Edit event</span>
            {{ event.title | isolated }}
          </h1>
          @if (event.status === 'active' || event.status === 'draft') {
            <mq-event-form [base]="event" (saved)="openEvent()">
              <a class="button quiet" [routerLink]="['/admin/events', event.id]"
                >Back to the event</a
              >
            </mq-event-form>
            <mq-end-event [event]="event" (finished)="openEndedEvent()" />
          } @else {
            <div class="notice">
              <p class="heading">This event is {{ event.status }}</p>
              <p>It is read-only: what was sold for it must stay as it was sold.</p>
              <a class="button" [routerLink]="['/admin/events', event.id]">Back to the event</a>
            </div>
          }
        </div>
      }
      <div skeleton class="wrap">
        <div class="skeleton room"></div>
      </div>
    </mq-loaded>
  `,
  styles: `
    h1 {
      display: grid;
      gap: var(--space-1);
      padding-block: var(--space-5);
      font-weight: 800;
    }

    .kind {
      font-family: var(--text);
      font-weight: 600;
      letter-spacing: 0;
    }

    .room {
      height: 36rem;
      margin-block: var(--space-6);
    }
  `,
})
export class EditEventPage implements MayHoldUnsaved {
  readonly id = input.required<string>();

  readonly #router = inject(Router);
  private readonly form = viewChild(EventForm);
  readonly #isEnded = signal(false);

  protected readonly loaded = loaded(inject(AdminClient).findEvent(this.id), this.id);
  /** The event as it was when the page was opened. Changes are compared with it. */
  protected readonly event = this.loaded.value;

  constructor() {
    const title = inject(PageTitle);
    effect(() => {
      const event = this.event();
      if (event !== undefined) title.set(`Edit: ${isolated(event.title)}`);
      else if (this.loaded.missing()) title.set('No such event');
    });
  }

  mayLeave(): boolean | Promise<boolean> {
    return this.#isEnded() || (this.form()?.mayLeave() ?? true);
  }

  /** The event is read-only from now on: what was typed meanwhile cannot be saved any more. */
  protected openEndedEvent(): void {
    this.#isEnded.set(true);
    this.openEvent();
  }

  protected openEvent(): void {
    void this.#router.navigate(['/admin/events', this.id()], { replaceUrl: true });
  }
}
