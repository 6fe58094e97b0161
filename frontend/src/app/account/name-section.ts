import {
  Component,
  ElementRef,
  inject,
  input,
  linkedSignal,
  output,
  signal,
  viewChild,
} from '@angular/core';
import { form, FormRoot } from '@angular/forms/signals';
import { AccountClient } from '../api/account-client';
import { Account } from '../api/shapes';
import { submitting } from '../api/submitting';
import { CurrentSession } from '../session/current-session';
import { Refusal } from '../session/refusal';
import { IsolatedPipe } from '../ui/isolated-pipe';
import { TextField } from '../ui/text-field';
import { nameRules } from './account-schema';

/** The name of the account, and how it is changed. */
@Component({
  selector: 'mq-name-section',
  imports: [FormRoot, IsolatedPipe, Refusal, TextField],
  template: `
    <section class="settings" aria-labelledby="name-heading">
      <h2 #heading id="name-heading" tabindex="-1">Name</h2>
      <div role="status" [class.visually-hidden]="said() === ''">{{ said() }}</div>
      @if (changing()) {
        <form [formRoot]="form">
          @if (sending.problem(); as problem) {
            <mq-refusal [problem]="problem" />
          }
          <mq-text-field
            name="own-name"
            label="Your name"
            hint="Organisers and the people at the door see it."
            autocomplete="name"
            [field]="form.name"
          />
          <div class="actions">
            <button type="submit" class="button action" [attr.aria-disabled]="form().submitting()">
              {{ form().submitting() ? 'Saving …' : 'Save the name' }}
            </button>
            <button type="button" class="button" (click)="changing.set(false)">Cancel</button>
          </div>
        </form>
      } @else {
        <p>
          <strong>{{ account().name | isolated }}</strong>
        </p>
        <button type="button" class="button" (click)="change()">Change the name</button>
      }
    </section>
  `,
  styleUrl: './account-section.css',
})
export class NameSection {
  readonly account = input.required<Account>();
  readonly changed = output<Account>();

  readonly #accounts = inject(AccountClient);
  readonly #session = inject(CurrentSession);
  private readonly heading = viewChild.required<ElementRef<HTMLElement>>('heading');

  protected readonly changing = signal(false);
  protected readonly said = signal('');
  protected readonly entered = linkedSignal(() => ({ name: this.account().name }));
  protected readonly sending = submitting(this.entered, async ({ name }) => {
    this.changed.emit(await this.#accounts.setName(name));
    this.changing.set(false);
    this.said.set('Your name is changed.');
    // The form is gone.
    this.heading().nativeElement.focus();
    // The head of the page shows the name, here and in other tabs.
    await this.#session.refreshEverywhere();
  });
  protected readonly form = form(this.entered, (path) => nameRules(path.name), {
    submission: this.sending.submission,
  });

  protected change(): void {
    this.said.set('');
    this.entered.set({ name: this.account().name });
    this.changing.set(true);
  }
}
