import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { problem } from '../../testing/page';
import { ServerClock } from '../api/server-clock';
import { CheckInLine, checkInLine } from './check-in-line';
import { Entry } from './door-history';

const ONE = '7FDY9-S5J0F-BKKYT-F3Y6W-M';
const TWO = 'QQDY9-S5J0F-BKKYT-F3Y6W-K';
const pathOf = (code: string) => `/api/tickets/${code.replaceAll('-', '')}/check-in`;

describe('checkInLine', () => {
  let line: CheckInLine;
  let backend: HttpTestingController;
  let answers: [string, number | null][];

  beforeEach(() => {
    sessionStorage.clear();
    open();
  });

  /** As after loading the page. */
  function open(eventId = 7): void {
    TestBed.resetTestingModule();
    TestBed.configureTestingModule({
      providers: [provideHttpClient(), provideHttpClientTesting()],
    });
    backend = TestBed.inject(HttpTestingController);
    answers = [];
    line = TestBed.runInInjectionContext(() =>
      checkInLine({
        eventId: () => eventId,
        clock: () => ({ time_zone: 'Europe/Berlin', utc_offset: '+01:00' }),
        answered: ({ headline }: Entry, checkIn) =>
          answers.push([headline, checkIn?.event.tickets_checked_in ?? null]),
      }),
    );
  }

  const settled = () => new Promise((resolve) => setTimeout(resolve));

  function admit(code: string, inside: number): void {
    const request = backend.expectOne(pathOf(code));
    expect(request.request.body).toEqual({ event_id: 7 });
    request.flush({
      ticket: { id: 1, ticket_code: code, status: 'used', used_at: '2026-12-05T18:00:00Z' },
      booking: { id: 42, quantity: 1, customer_name: 'Ana' },
      event: { id: 7, title: 'Jazz', tickets_sold: 54, tickets_checked_in: inside },
    });
  }

  it('asks about one code after the other, in the order they came', async () => {
    line.add(ONE);
    line.add(TWO);
    await settled();
    expect(line.waiting()).toBe(2);
    backend.expectNone(pathOf(TWO));
    admit(ONE, 1);
    await settled();
    admit(TWO, 2);
    await settled();
    expect(answers).toEqual([
      ['Come in', 1],
      ['Come in', 2],
    ]);
    expect(line.entries().map(({ code }) => code)).toEqual([TWO, ONE]);
    expect(line.waiting()).toBe(0);
  });

  it('says what cannot be a code without asking, and goes on', async () => {
    line.add('7FDY9');
    line.add('   ');
    line.add(ONE);
    await settled();
    expect(answers).toEqual([['Not a ticket code', null]]);
    admit(ONE, 1);
    await settled();
    expect(answers.at(-1)).toEqual(['Come in', 1]);
  });

  it('remembers what went unanswered', async () => {
    line.add(ONE);
    await settled();
    backend.expectOne(pathOf(ONE)).error(new ProgressEvent('error'));
    await settled();
    expect(line.entries()[0]?.next).toBe('repeat');
    await refuseAsUsed(ONE);
    expect(answers.map(([headline]) => headline)).toEqual(['No answer', 'Used just now']);
  });

  it('remembers whom it let in, after loading the page again, too', async () => {
    line.add(ONE);
    await settled();
    admit(ONE, 1);
    await settled();
    await refuseAsUsed(ONE);
    expect(line.latest()?.headline).toBe('Let in just now');
    open();
    expect(line.latest()).toBeNull();
    expect(line.entries().map(({ headline }) => headline)).toEqual(['Let in just now', 'Come in']);
    await refuseAsUsed(ONE);
    expect(line.latest()?.headline).toBe('Let in just now');
    expect(line.entries()).toHaveLength(3);
    expect(new Set(line.entries().map(({ id }) => id)).size).toBe(3);
  });

  it('knows its own use of a ticket on a phone whose clock is wrong', async () => {
    // The phone is an hour ahead of the server.
    const server = () => new Date(Date.now() - 3_600_000);
    TestBed.inject(ServerClock).learn(server().toUTCString(), Date.now());
    line.add(ONE);
    await settled();
    backend.expectOne(pathOf(ONE)).error(new ProgressEvent('error'));
    await settled();
    await refuseAsUsed(ONE, server());
    expect(line.latest()?.headline).toBe('Used just now');
    expect(line.latest()?.reason).toMatch(/, [0-3] seconds? ago/);
  });

  it('shows another event nothing of it', async () => {
    line.add('7FDY9');
    await settled();
    expect(line.entries()).toHaveLength(1);
    open(8);
    expect(line.entries()).toEqual([]);
  });

  async function refuseAsUsed(code: string, at = new Date()): Promise<void> {
    line.add(code);
    await settled();
    const used = { used_at: at.toISOString() };
    backend
      .expectOne(pathOf(code))
      .flush(problem('ticket-already-used', 409, used), { status: 409, statusText: 'Conflict' });
    await settled();
  }
});
