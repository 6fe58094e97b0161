import { Component, computed, effect, inject, input, signal, viewChild } from '@angular/core';
import { form, FormField, FormRoot, required, validate } from '@angular/forms/signals';
import { RouterLink } from '@angular/router';
import { AdminClient } from '../../api/admin-client';
import { EventMessage, MessagePreview } from '../../api/admin-shapes';
import { EventMessagesClient } from '../../api/event-messages-client';
import { loaded } from '../../api/loaded';
import { submitting } from '../../api/submitting';
import { countOf } from '../../formats/count';
import { isolated } from '../../formats/isolated';
import { shortMoment } from '../../formats/moment';
import { Refusal } from '../../session/refusal';
import { PageTitle } from '../../shell/page-title';
import { AskDialog } from '../../ui/ask-dialog';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { LoadedPage } from '../../ui/loaded-page';
import { MoreButton } from '../../ui/more-button';
import { ProblemNotice } from '../../ui/problem-notice';
import { atMost } from '../../ui/text-rules';
import { CreationKeys } from '../event-form/creation-keys';
import { LeaveDialog } from '../leave-dialog';

const MOST_IN_A_MESSAGE = 1000;
const MISSING = 'Write what the guests should know.';

/** An admin writes to the guests of an event: previewed, sent once, and listed. */
@Component({
  selector: 'mq-event-message-page',
  imports: [
    AskDialog,
    FormField,
    FormRoot,
    IsolatedPipe,
    LeaveDialog,
    LoadedPage,
    MoreButton,
    ProblemNotice,
    Refusal,
    RouterLink,
  ],
  templateUrl: './event-message-page.html',
  styleUrl: './event-message-page.css',
})
export class EventMessagePage {
  readonly id = input.required<string>();

  readonly #messages = inject(EventMessagesClient);
  private readonly dialog = viewChild(AskDialog<EventMessage>);
  private readonly leaving = viewChild(LeaveDialog);
  #keys = new CreationKeys();

  protected readonly loaded = loaded(inject(AdminClient).findEvent(this.id), this.id);
  protected readonly event = this.loaded.value;
  protected readonly list = this.#messages.list(this.id);
  protected readonly rows = computed(() =>
    this.list.items().map(({ id, text, people, at, actor_name: name }) => ({
      id,
      text,
      at,
      who: name === null ? 'Somebody at the database' : isolated(name),
      when: shortMoment(at),
      reach: peopleIn(people),
    })),
  );

  protected readonly draft = signal({ text: '' });
  protected readonly sending = submitting(this.draft, ({ text }) => this.#ask(text));
  protected readonly form = form(
    this.draft,
    (path) => {
      required(path.text, { message: MISSING });
      validate(path.text, ({ value }) =>
        value() !== '' && value().trim() === '' ? { kind: 'blank', message: MISSING } : null,
      );
      atMost(path.text, MOST_IN_A_MESSAGE);
    },
    { submission: this.sending.submission },
  );
  protected readonly invalid = computed(() => {
    const state = this.form.text();
    return (state.touched() || state.dirty()) && state.invalid();
  });
  protected readonly preview = signal<MessagePreview | null>(null);
  protected readonly outcome = signal('');
  protected readonly reach = computed(() => {
    const { people, tickets } = this.preview() ?? { people: 0, tickets: 0 };
    const holding = tickets === 0 ? '' : ` with ${countOf(tickets, 'ticket')}`;
    return `${peopleIn(people)}${holding}`;
  });

  constructor() {
    const title = inject(PageTitle);
    effect(() => {
      const event = this.event();
      if (event !== undefined) title.set(`Message: ${isolated(event.title)}`);
      else if (this.loaded.missing()) title.set('No such event');
    });
  }

  protected readonly unsaved = computed(
    () => this.form().dirty() && this.draft().text.trim() !== '',
  );

  /** Asks before a message that was not sent is lost. */
  mayLeave(): boolean | Promise<boolean> {
    return !this.unsaved() || (this.leaving()?.ask() ?? true);
  }

  protected readonly send = (): Promise<EventMessage> => {
    const { text } = this.draft();
    const event = Number(this.id());
    return this.#messages.send(event, text, this.#keys.keyOf({ event, text }));
  };

  protected sent({ people }: EventMessage): void {
    this.outcome.set(`The message was sent to ${peopleIn(people)}.`);
    // The same words later are another message.
    this.#keys = new CreationKeys();
    this.form().reset({ text: '' });
    this.list.reload();
  }

  async #ask(text: string): Promise<void> {
    this.outcome.set('');
    const preview = await this.#messages.preview(Number(this.id()), text);
    this.preview.set(preview);
    if (preview.people === 0) this.outcome.set('Nobody has booked this event: nothing is sent.');
    else this.dialog()?.open();
  }
}

function peopleIn(count: number): string {
  return countOf(count, 'person', 'people');
}
