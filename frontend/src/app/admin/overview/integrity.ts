import { httpResource } from '@angular/common/http';
import { Service } from '@angular/core';
import { IntegrityViolation } from '../admin-shapes';

/** Comparing the whole ledger takes the database seconds: not again at every visit of the page. */
const FRESH_MS = 5 * 60_000;

export interface Findings {
  items: IntegrityViolation[];
  /** When they came. An earlier answer that is still shown keeps its own time. */
  at: number;
}

@Service()
export class Integrity {
  readonly findings = httpResource<Findings>(() => '/api/admin/integrity', {
    parse: (body) => ({ ...(body as { items: IntegrityViolation[] }), at: Date.now() }),
  });

  /** To be called when somebody comes to look. */
  refresh(): void {
    const { findings } = this;
    const isStale = findings.hasValue() && Date.now() - findings.value().at > FRESH_MS;
    if (isStale || findings.error() !== undefined) this.lookAgain();
  }

  lookAgain(): void {
    this.findings.reload();
  }
}
