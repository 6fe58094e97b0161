import { inject, Service } from '@angular/core';
import { AdminClient } from '../../api/admin-client';
import { Integrity as Answer, IntegritySweep } from '../../api/admin-shapes';
import { ago } from '../../formats/ago';
import { countOf, formatCount } from '../../formats/count';

export interface Findings extends Answer {
  /** When the answer came: what ages in it are counted from. */
  at: number;
}

@Service()
export class Integrity {
  readonly findings = inject(AdminClient).findIntegrity<Findings>((answer) => ({
    ...answer,
    at: Date.now(),
  }));

  /** To be called when somebody comes to look. */
  refresh(): void {
    if (!this.findings.isLoading()) this.findings.reload();
  }
}

/** How far the check has come: “Checked 12,000 of 24,000 events; last full pass ended 3 minutes ago”. */
export function sweepWords(sweep: IntegritySweep, now: number): string {
  const { began_at, ended_at, events_checked, events_total } = sweep;
  if (began_at === null) return 'The first check begins within a minute.';
  const total = Math.max(events_total, events_checked);
  const all = countOf(total, 'event');
  if (ended_at === null) {
    return `Checked ${formatCount(events_checked)} of ${all}; the first full pass is under way.`;
  }
  const underWay = Date.parse(began_at) > Date.parse(ended_at);
  const checked = underWay ? `${formatCount(events_checked)} of ${all}` : all;
  const seconds = Math.max(0, Math.floor((now - Date.parse(ended_at)) / 1000));
  return `Checked ${checked}; last full pass ended ${ago(seconds)}.`;
}
