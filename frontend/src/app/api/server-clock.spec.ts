import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { ServerClock, serverClockInterceptor } from './server-clock';

describe('ServerClock', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.parse('2026-12-05T20:00:00Z') });
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(withInterceptors([serverClockInterceptor])),
        provideHttpClientTesting(),
      ],
    });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  function answer(headers: Record<string, string>, wayMs: number, status = 200): void {
    TestBed.inject(HttpClient)
      .get('/api/config')
      .subscribe({ error: () => undefined });
    vi.advanceTimersByTime(wayMs);
    const request = TestBed.inject(HttpTestingController).expectOne('/api/config');
    request.flush({}, { headers, status, statusText: 'Said' });
  }

  const now = () => new Date(TestBed.inject(ServerClock).now()).toISOString();

  it('is the clock of the device before the first answer', () => {
    answer({}, 1000);
    expect(now()).toBe('2026-12-05T20:00:01.000Z');
  });

  it.each([200, 503])('is the clock of the server after an answer with %i', (status) => {
    answer({ Date: 'Sat, 05 Dec 2026 18:00:00 GMT' }, 1000, status);
    expect(now()).toBe('2026-12-05T18:00:01.000Z');
    vi.advanceTimersByTime(60_000);
    expect(now()).toBe('2026-12-05T18:01:01.000Z');
  });

  it('learns nothing from an answer that was long on its way', () => {
    answer({ Date: 'Sat, 05 Dec 2026 18:00:00 GMT' }, 1000);
    answer({ Date: 'Sat, 05 Dec 2026 18:00:01 GMT' }, 60_000);
    expect(now()).toBe('2026-12-05T18:01:01.000Z');
  });
});
