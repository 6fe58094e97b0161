import { Component, computed, inject, signal } from '@angular/core';
import { form, FormField, FormRoot, required, validate } from '@angular/forms/signals';
import { RouterLink } from '@angular/router';
import { AdminClient } from '../../api/admin-client';
import { TokenScope, TokenWithSecret } from '../../api/admin-shapes';
import { submitting } from '../../api/submitting';
import { TokensClient } from '../../api/tokens-client';
import { isolated } from '../../formats/isolated';
import { shortDate } from '../../formats/moment';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { ShownOnce } from '../../ui/shown-once';
import { TextField } from '../../ui/text-field';
import { atMost } from '../../ui/text-rules';
import { SCOPES, stateOf } from './token-words';
import { FormProblem } from '../../ui/form-problem';

const DAY_MS = 86_400_000;
const MOST_IN_A_NAME = 200;
/** In whole seconds, as the API takes it. */
const seconds = (time: number) => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
const NOW = seconds(Date.now());

interface Draft {
  name: string;
  scopes: TokenScope[];
  event_id: string;
  days: string;
}

/** An admin makes a token for a program, and copies its secret. */
@Component({
  selector: 'mq-new-token-page',
  imports: [FormField, FormProblem, FormRoot, IsolatedPipe, RouterLink, ShownOnce, TextField],
  templateUrl: './new-token-page.html',
  styleUrl: './new-token-page.css',
})
export class NewTokenPage {
  readonly #tokens = inject(TokensClient);
  protected readonly created = signal<TokenWithSecret | null>(null);
  protected readonly until = computed(() => {
    const token = this.created();
    return token === null ? '' : stateOf(token).replace('Until', 'It is valid until');
  });

  protected readonly scopes = SCOPES;
  protected readonly spans = [
    { days: '1', words: 'A day' },
    { days: '7', words: 'A week' },
    { days: '30', words: '30 days' },
    { days: '90', words: '90 days' },
    { days: '365', words: 'A year' },
  ];
  protected readonly list = inject(AdminClient).listEvents(() => ({
    status: 'active',
    sort: 'date_time',
    order: 'asc',
    from: NOW,
    limit: '100',
  }));
  protected readonly events = computed(() =>
    this.list.items().map((event) => ({
      id: event.id,
      words: `${isolated(event.title)}, ${shortDate(event.date_time, event)}`,
    })),
  );

  protected readonly draft = signal<Draft>({ name: '', scopes: [], event_id: '', days: '90' });
  protected readonly sending = submitting(
    this.draft,
    async ({ name, scopes, event_id: event, days }) => {
      this.created.set(
        await this.#tokens.create({
          name,
          scopes,
          event_id: event === '' ? null : Number(event),
          expires_at: seconds(Date.now() + Number(days) * DAY_MS),
        }),
      );
    },
  );
  protected readonly form = form(
    this.draft,
    (path) => {
      required(path.name, { message: 'Say which program it is for.' });
      atMost(path.name, MOST_IN_A_NAME);
      validate(path.scopes, ({ value }) =>
        value().length > 0 ? null : { kind: 'scopes', message: 'Choose at least one.' },
      );
      validate(path.event_id, ({ value, valueOf }) =>
        value() !== '' && valueOf(path.scopes).includes('webhooks')
          ? { kind: 'webhooks', message: 'Webhooks are managed for all events.' }
          : null,
      );
    },
    { submission: this.sending.submission },
  );
  protected readonly scopesError = computed(() => {
    const state = this.form.scopes();
    return state.touched() ? (state.errors()[0]?.message ?? '') : '';
  });
  protected readonly eventError = computed(() => this.form.event_id().errors()[0]?.message ?? '');

  protected choose(scope: TokenScope, chosen: boolean): void {
    this.draft.update((draft) => {
      const others = draft.scopes.filter((other) => other !== scope);
      return { ...draft, scopes: chosen ? [...others, scope] : others };
    });
  }
}
