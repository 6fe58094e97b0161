import { Component, computed, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { EventDetails } from '../../api/shapes';
import { timeOfDay } from '../../formats/moment';
import { formatPrice } from '../../formats/money';
import { DateBlock } from '../../ui/date-block';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { Poster } from '../../ui/poster';
import { Availability } from '../availability';

/** One event of the list. The whole card follows its title's link. */
@Component({
  selector: 'mq-event-card',
  imports: [Availability, DateBlock, IsolatedPipe, Poster, RouterLink],
  template: `
    <article>
      <mq-poster [seed]="event().poster_seed" />
      <div class="body">
        <mq-date-block [moment]="event().date_time" [clock]="event()" />
        <div class="text">
          <h2 [attr.aria-level]="belowMonth() ? 3 : null">
            <a [routerLink]="['/events', event().id]">{{ event().title | isolated }}</a>
          </h2>
          <p class="venue">{{ event().venue | isolated }}, {{ time() }}</p>
          <p class="lines" dir="auto">{{ event().description }}</p>
          <p class="foot">
            <span class="price">{{ price() }}</span>
            <mq-availability [event]="event()" />
          </p>
        </div>
      </div>
    </article>
  `,
  styleUrl: './event-card.css',
  host: { '[class.lead]': 'lead()', '[class.compact]': 'compact()' },
})
export class EventCard {
  readonly event = input.required<EventDetails>();
  /** The first of a list is set larger, as a programme does. */
  readonly lead = input(false);
  /** On a phone the others take little room. */
  readonly compact = input(false);

  /** A heading with its month stands above it. */
  readonly belowMonth = input(false);

  protected readonly price = computed(() => formatPrice(this.event().price, this.event().currency));
  protected readonly time = computed(() => timeOfDay(this.event().date_time, this.event()));
}
