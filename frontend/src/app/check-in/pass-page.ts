import { Location } from '@angular/common';
import { Component, computed, effect, inject, signal } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { ActivatedRoute, RouterLink } from '@angular/router';
import { Problem, toProblem } from '../api/problem';
import { CurrentSession } from '../session/current-session';
import { PageTitle } from '../shell/page-title';
import { IsolatedPipe } from '../ui/isolated-pipe';
import { ProblemNotice } from '../ui/problem-notice';
import { Door } from './door';

/**
 * Where the QR code of a door pass leads. The secret is in the fragment, which no browser sends,
 * and leaves the address bar at once. It is kept only until the server has answered.
 */
@Component({
  selector: 'mq-pass-page',
  imports: [Door, IsolatedPipe, ProblemNotice, RouterLink],
  templateUrl: './pass-page.html',
  styleUrl: './pass-page.css',
})
export class PassPage {
  protected readonly session = inject(CurrentSession);
  readonly #secret = signal<string | null>(null);
  protected readonly opening = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  /** This phone had a door, and has none any longer. */
  protected readonly ended = signal(false);
  protected readonly left = signal(false);
  protected readonly leaveFailed = signal(false);

  protected readonly asks = computed(() => this.#secret() !== null && this.session.user() != null);
  protected readonly notValid = computed(() => this.problem()?.type === '/problems/pass-not-valid');

  constructor() {
    const location = inject(Location);
    inject(ActivatedRoute)
      .fragment.pipe(takeUntilDestroyed())
      .subscribe((fragment) => {
        if (fragment === null || fragment === '') return;
        location.replaceState('/door');
        this.#secret.set(fragment);
        void this.#openUnlessSignedIn();
      });
    let had = false;
    effect(() => {
      const has = this.session.door() !== null;
      if (had && !has) this.ended.set(true);
      had = has;
    });
    const title = inject(PageTitle);
    effect(() => {
      if (this.session.door() === null) title.set('Door');
    });
  }

  protected async open(): Promise<void> {
    const secret = this.#secret();
    if (secret === null || this.opening()) return;
    this.opening.set(true);
    this.problem.set(null);
    try {
      await this.session.openDoor(secret);
      this.#secret.set(null);
      this.ended.set(false);
      this.left.set(false);
    } catch (error) {
      const problem = toProblem(error);
      this.problem.set(problem);
      if (problem.type === '/problems/pass-not-valid') this.#secret.set(null);
    } finally {
      this.opening.set(false);
    }
  }

  protected async leave(): Promise<void> {
    this.leaveFailed.set(false);
    try {
      await this.session.signOut();
      this.left.set(true);
    } catch {
      this.leaveFailed.set(true);
    }
  }

  /** A person who is signed in is asked first: a link must not sign anybody out. */
  async #openUnlessSignedIn(): Promise<void> {
    await this.session.known;
    if (this.session.user() == null) await this.open();
  }
}
