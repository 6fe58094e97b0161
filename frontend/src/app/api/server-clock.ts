import { HttpErrorResponse, HttpInterceptorFn, HttpResponse } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { tap } from 'rxjs';

/** An answer that was longer on its way says too little about the time. */
const LONGEST_WAY_MS = 5000;

/**
 * The time by the server's clock, to within a few seconds. The device's own clock may be wrong by
 * hours, so it decides nothing. Before the first answer it is the device's time.
 */
@Service()
export class ServerClock {
  /** By how much the server's clock is ahead of the device's. */
  #ahead: number | null = null;

  now(): number {
    return Date.now() + (this.#ahead ?? 0);
  }

  /** Learns from the `Date` of an answer, whose request left at `sentAt` by the device's clock. */
  learn(date: string | null, sentAt: number): void {
    const served = Date.parse(date ?? '');
    const way = Date.now() - sentAt;
    if (Number.isNaN(served) || (way > LONGEST_WAY_MS && this.#ahead !== null)) return;
    // The header has whole seconds, and half the way was the request's.
    this.#ahead = served + 500 - (sentAt + way / 2);
  }
}

/** Lets the clock learn from every answer. */
export const serverClockInterceptor: HttpInterceptorFn = (request, next) => {
  const clock = inject(ServerClock);
  const sentAt = Date.now();
  return next(request).pipe(
    tap({
      next: (event) => {
        if (event instanceof HttpResponse) clock.learn(event.headers.get('Date'), sentAt);
      },
      error: (error: unknown) => {
        if (error instanceof HttpErrorResponse) clock.learn(error.headers.get('Date'), sentAt);
      },
    }),
  );
};
