import { Component, computed, inject, input, linkedSignal } from '@angular/core';
import { form, FormField, FormRoot, required, validate } from '@angular/forms/signals';
import { AdminClient } from '../../api/admin-client';
import { Webhook, WebhookType } from '../../api/admin-shapes';
import { submitting } from '../../api/submitting';
import { isolated } from '../../formats/isolated';
import { shortDate } from '../../formats/moment';
import { Refusal } from '../../session/refusal';
import { TextField } from '../../ui/text-field';
import { FACTS } from './webhook-words';

export interface WebhookInput {
  url: string;
  types: WebhookType[];
  event_id: number | null;
}

interface Draft {
  url: string;
  /** Every fact, and no messages to customers. */
  everything: boolean;
  types: WebhookType[];
  event_id: string;
}

/** The URL of a webhook and the types of its messages. `save` is called by the button. */
@Component({
  selector: 'mq-webhook-form',
  imports: [FormField, FormRoot, Refusal, TextField],
  templateUrl: './webhook-form.html',
  styleUrl: './webhook-form.css',
})
export class WebhookForm {
  readonly webhook = input<Webhook>();
  readonly action = input.required<string>();
  readonly save = input.required<(webhook: WebhookInput) => Promise<unknown>>();

  protected readonly groups = FACTS;
  protected readonly list = inject(AdminClient).listEvents(() => ({
    status: 'active',
    sort: 'date_time',
    order: 'asc',
    from: NOW,
    limit: '100',
  }));
  protected readonly events = computed(() => {
    const { event_id, event_title } = this.webhook() ?? {};
    const coming = this.list.items().map((event) => ({
      id: String(event.id),
      words: `${isolated(event.title)}, ${shortDate(event.date_time, event)}`,
    }));
    // The webhook's own event may be over.
    return typeof event_id !== 'number' || coming.some(({ id }) => id === String(event_id))
      ? coming
      : [{ id: String(event_id), words: isolated(event_title ?? '') }, ...coming];
  });

  protected readonly draft = linkedSignal<Draft>(() => {
    const { url = '', types = [], event_id = null } = this.webhook() ?? {};
    return {
      url,
      everything: types.length === 0,
      types: [...types],
      event_id: String(event_id ?? ''),
    };
  });
  protected readonly sending = submitting(this.draft, (draft) =>
    this.save()({
      url: draft.url.trim(),
      types: draft.everything ? [] : draft.types,
      event_id: draft.event_id === '' ? null : Number(draft.event_id),
    }),
  );
  protected readonly form = form(
    this.draft,
    (path) => {
      required(path.url, { message: 'Enter the address of the receiver.' });
      validate(path.url, ({ value }) =>
        value() === '' || /^https?:\/\/[!-~]+$/.test(value().trim())
          ? null
          : {
              kind: 'address',
              message: 'Enter an address that begins with https:// or http://, without spaces.',
            },
      );
      validate(path.types, ({ value, valueOf }) =>
        valueOf(path.everything) || value().length > 0
          ? null
          : { kind: 'types', message: 'Choose at least one fact.' },
      );
    },
    { submission: this.sending.submission },
  );
  protected readonly typesError = computed(() => {
    const state = this.form.types();
    return state.touched() ? (state.errors()[0]?.message ?? '') : '';
  });
  protected readonly eventError = computed(() => this.form.event_id().errors()[0]?.message ?? '');

  protected has(type: WebhookType): boolean {
    return this.draft().types.includes(type);
  }

  protected choose(type: WebhookType, chosen: boolean): void {
    this.draft.update((draft) => {
      const others = draft.types.filter((other) => other !== type);
      return { ...draft, types: chosen ? [...others, type] : others };
    });
  }

  protected takeEverything(everything: boolean): void {
    this.draft.update((draft) => ({ ...draft, everything }));
  }
}

/** In whole seconds, as the API takes it. */
const NOW = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
