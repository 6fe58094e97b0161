import { HttpResourceRef, httpResource } from '@angular/common/http';
import { Service, signal } from '@angular/core';
import { IntegrityViolation } from '../admin-shapes';

/** Comparing the whole ledger takes the database seconds: not again at every visit of the page. */
const FRESH_MS = 5 * 60_000;

@Service()
export class Integrity {
  readonly #askedAt = signal(Date.now());
  readonly askedAt = this.#askedAt.asReadonly();

  readonly findings: HttpResourceRef<{ items: IntegrityViolation[] } | undefined> = httpResource<{
    items: IntegrityViolation[];
  }>(() => '/api/admin/integrity');

  /** To be called when somebody comes to look. */
  refresh(): void {
    const isStale = Date.now() - this.#askedAt() > FRESH_MS;
    if (isStale || this.findings.error() !== undefined) this.lookAgain();
  }

  lookAgain(): void {
    this.#askedAt.set(Date.now());
    this.findings.reload();
  }
}
