import {
  Component,
  computed,
  DOCUMENT,
  inject,
  input,
  linkedSignal,
  signal,
  viewChild,
} from '@angular/core';
import { Router } from '@angular/router';
import { UserAccount } from '../../api/admin-shapes';
import { QueryParams } from '../../api/paged-list';
import { UsersClient } from '../../api/users-client';
import { shortDate } from '../../formats/moment';
import { formatPhone } from '../../formats/phone';
import { CurrentSession } from '../../session/current-session';
import { AskDialog } from '../../ui/ask-dialog';
import { EmptyStage } from '../../ui/empty-stage';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { MoreButton } from '../../ui/more-button';
import { ProblemNotice } from '../../ui/problem-notice';
import { SearchBox } from '../../ui/search-box';
import { ACTION_WORDS, actionsFor, carryOut, PersonAction, questionFor } from './person-actions';

const GROUPS = [
  { only: '', words: 'Everybody' },
  { only: 'admins', words: 'Admins' },
  { only: 'disabled', words: 'Disabled' },
] as const;
type Group = (typeof GROUPS)[number]['only'];

/** Everybody with an account: who they are, and what an admin can do with the account. */
@Component({
  selector: 'mq-people-page',
  imports: [AskDialog, EmptyStage, IsolatedPipe, MoreButton, ProblemNotice, SearchBox],
  templateUrl: './people-page.html',
  styleUrl: './people-page.css',
})
export class PeoplePage {
  // From the address, where the whole state of this page lives.
  readonly search = input<string>();
  readonly only = input<string>();

  readonly #users = inject(UsersClient);
  readonly #session = inject(CurrentSession);
  readonly #router = inject(Router);
  readonly #document = inject(DOCUMENT);
  private readonly dialog = viewChild.required<AskDialog<UserAccount>>(AskDialog);

  protected readonly groups = GROUPS;
  protected readonly actionWords = ACTION_WORDS;
  protected readonly group = computed<Group>(
    () => GROUPS.find(({ only }) => only === this.only())?.only ?? '',
  );
  protected readonly list = this.#users.list(() => {
    const params: QueryParams = {};
    const search = this.search()?.trim() ?? '';
    if (search !== '') params['search'] = search;
    if (this.group() !== '') params['only'] = this.group();
    return params;
  });
  /** Accounts as they are after what was done here, by id, until the list is read again. */
  readonly #changed = linkedSignal<unknown, ReadonlyMap<number, UserAccount>>({
    source: () => this.list.firstPage(),
    computation: () => new Map(),
  });
  protected readonly people = computed(() =>
    this.list.items().map((listed) => {
      const person = this.#changed().get(listed.id) ?? listed;
      return {
        person,
        phone: formatPhone(person.phone),
        isVerified: person.phone_verified,
        isSelf: person.id === this.#session.user()?.id,
        since: shortDate(person.created_at),
        disabledSince: person.disabled_at === null ? null : shortDate(person.disabled_at),
        actions: actionsFor(person),
      };
    }),
  );

  protected readonly said = signal('');
  protected readonly asked = signal<{ action: PersonAction; person: UserAccount } | null>(null);
  protected readonly question = computed(() => {
    const asked = this.asked();
    if (asked === null) return null;
    return questionFor(asked.action, asked.person, asked.person.id === this.#session.user()?.id);
  });
  protected readonly yes = computed(() => {
    const asked = this.asked();
    return asked === null ? '' : ACTION_WORDS[asked.action];
  });
  protected readonly act = (): Promise<UserAccount> => {
    const asked = this.asked();
    if (asked === null) throw new Error('Nothing was asked.');
    return carryOut(asked.action, asked.person, this.#users);
  };

  protected ask(action: PersonAction, person: UserAccount): void {
    this.said.set('');
    this.asked.set({ action, person });
    this.dialog().open();
  }

  protected done(person: UserAccount): void {
    this.said.set(this.question()?.done ?? '');
    this.#changed.update((changed) => new Map(changed).set(person.id, person));
    // The button that was pressed may be gone.
    this.#document.getElementById(`actions-${person.id}`)?.focus();
    // Their own session has ended.
    if (person.id === this.#session.user()?.id) void this.#session.refreshEverywhere();
  }

  protected searchFor(search: string): void {
    this.#show({ search, only: this.group() }, true);
  }

  protected choose(only: Group): void {
    this.#show({ search: this.search() ?? '', only });
  }

  protected showAll(): void {
    this.#show({ search: '', only: '' });
  }

  #show(query: { search: string; only: Group }, replaceUrl = false): void {
    this.said.set('');
    const queryParams = { search: query.search || null, only: query.only || null };
    void this.#router.navigate([], { queryParams, replaceUrl });
  }
}
