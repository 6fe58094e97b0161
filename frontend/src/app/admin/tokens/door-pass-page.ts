import { Clipboard } from '@angular/cdk/clipboard';
import { Component, computed, DOCUMENT, effect, inject, input, signal } from '@angular/core';
import { form, FormRoot, required } from '@angular/forms/signals';
import { RouterLink } from '@angular/router';
import { AdminClient } from '../../api/admin-client';
import { TokenWithSecret } from '../../api/admin-shapes';
import { loaded } from '../../api/loaded';
import { submitting } from '../../api/submitting';
import { TokensClient } from '../../api/tokens-client';
import { QrCode } from '../../ui/qr-code';
import { isolated } from '../../formats/isolated';
import { shortMoment } from '../../formats/moment';
import { PageTitle } from '../../shell/page-title';
import { Icon } from '../../ui/icon';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { LoadedPage } from '../../ui/loaded-page';
import { TextField } from '../../ui/text-field';
import { atMost } from '../../ui/text-rules';
import { When } from '../../ui/when';
import { TokenList } from './token-list';
import { FormProblem } from '../../ui/form-problem';

const MOST_IN_A_NAME = 200;

/** An admin makes a pass for the door of an event: a QR code that a phone opens. */
@Component({
  selector: 'mq-door-pass-page',
  imports: [
    FormProblem,
    FormRoot,
    Icon,
    IsolatedPipe,
    LoadedPage,
    QrCode,
    RouterLink,
    TextField,
    TokenList,
    When,
  ],
  templateUrl: './door-pass-page.html',
  styleUrl: './door-pass-page.css',
})
export class DoorPassPage {
  readonly id = input.required<string>();

  readonly #tokens = inject(TokensClient);
  readonly #page = inject(DOCUMENT);
  readonly #clipboard = inject(Clipboard);

  protected readonly loaded = loaded(inject(AdminClient).findEvent(this.id), this.id);
  protected readonly event = this.loaded.value;
  protected readonly list = this.#tokens.listOfEvent(this.id);

  protected readonly pass = signal<TokenWithSecret | null>(null);
  /** The secret is behind the #: a browser keeps that to itself, so no server logs it. */
  protected readonly link = computed(
    () => `${this.#page.location.origin}/door#${this.pass()?.secret ?? ''}`,
  );
  protected readonly until = computed(() => {
    const [pass, event] = [this.pass(), this.event()];
    return pass === null || event === undefined ? '' : shortMoment(pass.expires_at, event);
  });
  protected readonly said = signal('');

  protected readonly draft = signal({ name: 'Door' });
  protected readonly sending = submitting(this.draft, async ({ name }) => {
    this.pass.set(await this.#tokens.createPass(this.id(), name));
    this.said.set('');
    this.list.reload();
  });
  protected readonly form = form(
    this.draft,
    (path) => {
      required(path.name, { message: 'Say who gets it, or which door it is for.' });
      atMost(path.name, MOST_IN_A_NAME);
    },
    { submission: this.sending.submission },
  );

  constructor() {
    const title = inject(PageTitle);
    effect(() => {
      const event = this.event();
      if (event !== undefined) title.set(`Pass for the door: ${isolated(event.title)}`);
      else if (this.loaded.missing()) title.set('No such event');
    });
  }

  protected another(): void {
    this.pass.set(null);
  }

  protected copy(): void {
    this.said.set(
      this.#clipboard.copy(this.link())
        ? 'The link is copied.'
        : 'This browser does not allow copying. Scan the QR code instead.',
    );
  }

  protected print(): void {
    this.#page.defaultView?.print();
  }
}
