import { Location } from '@angular/common';
import { inject, Signal, signal } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { ActivatedRoute } from '@angular/router';

/**
 * The secret of the mailed link that led to this page; null without one. It leaves the address bar
 * and the history at once. A second link that is opened on the page brings another.
 */
export function linkToken(): Signal<string | null> {
  const route = inject(ActivatedRoute);
  const location = inject(Location);
  const token = signal<string | null>(null);
  route.fragment.pipe(takeUntilDestroyed()).subscribe((fragment) => {
    // The address for mail programs has the token in its query, and people may open it.
    const given =
      new URLSearchParams(fragment ?? '').get('token') ??
      new URLSearchParams(location.path().split('?')[1]).get('token');
    if (given === null) return;
    token.set(given);
    location.replaceState(location.path().split('?')[0] ?? '');
  });
  return token.asReadonly();
}
