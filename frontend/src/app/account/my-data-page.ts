import { Component, computed, DOCUMENT, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { AccountClient } from '../api/account-client';
import { loaded } from '../api/loaded';
import { CurrentSession } from '../session/current-session';
import { LoadedPage } from '../ui/loaded-page';
import { asHtml, sectionsOf } from './exported-data';

/** Characters from which on a value has a line of its own. */
const LONG = 60;

/** Everything that is kept about the signed-in person, to be read and to be saved. */
@Component({
  selector: 'mq-my-data-page',
  imports: [LoadedPage, RouterLink],
  templateUrl: './my-data-page.html',
  styleUrl: './my-data-page.css',
})
export class MyDataPage {
  readonly #accounts = inject(AccountClient);
  readonly #session = inject(CurrentSession);
  readonly #page = inject(DOCUMENT);

  protected readonly loaded = loaded(this.#accounts.export(), () => this.#session.user()?.id);
  protected readonly sections = computed(() => {
    const data = this.loaded.value();
    return data === undefined ? undefined : sectionsOf(data);
  });
  protected readonly fileUrl = this.#accounts.exportUrl;

  protected readonly LONG = LONG;

  protected save(): void {
    const page = new Blob([asHtml(this.sections() ?? [])], { type: 'text/html' });
    const link = this.#page.createElement('a');
    link.href = URL.createObjectURL(page);
    link.download = 'marquee-my-data.html';
    link.click();
    URL.revokeObjectURL(link.href);
  }
}
