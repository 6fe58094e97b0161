import { admitted, CheckInProblem, Known, misread, refused } from './verdict';

const CODE = '7FDY9-S5J0F-BKKYT-F3Y6W-M';

describe('a text that is no ticket code', () => {
  it('is refused without asking', () => {
    expect(misread('7FDY9').reason).toContain('this has 5');
    expect(misread('https://example.com/a?b=c').reason).toContain('some other code');
    expect(misread(`${CODE} 00007-N7XX3-ED4ZZ-9MBQ1-A`).reason).toContain('some other code');
  });

  it('is called mistyped when one symbol is wrong', () => {
    expect(misread('7fdy9-s5j0f-bkkyt-f3y6w-n')).toMatchObject({
      headline: 'Mistyped',
      code: '7FDY9-S5J0F-BKKYT-F3Y6W-N',
    });
  });
});

describe('the verdict', () => {
  const now = Date.parse('2026-12-05T19:00:00Z');
  const verdict = (type: string, more: Partial<CheckInProblem> = {}, known: Partial<Known> = {}) =>
    refused(
      { type: `/problems/${type}`, title: '', status: 409, detail: '', ...more },
      CODE,
      { time_zone: 'Europe/Berlin', utc_offset: '+01:00' },
      { askedAt: null, admittedAt: null, ...known },
      now,
    );

  it('names who comes in', () => {
    const checkIn = {
      ticket: { id: 91, ticket_code: CODE, status: 'used' as const, used_at: '' },
      booking: {
        id: 42,
        quantity: 3,
        customer_name: 'Ana',
        total_amount: '75.00',
        currency: 'EUR',
      },
      event: {
        id: 7,
        title: 'Jazz',
        how_to_pay: 'Pay at the door.' as string | null,
        tickets_sold: 54,
        tickets_checked_in: 4,
      },
    };
    expect(admitted(checkIn)).toMatchObject({
      tone: 'admit',
      reason: 'Ana, one of 3 tickets',
      money: 'Total €75.00. Pay at the door.',
    });
    checkIn.booking.total_amount = '0.00';
    checkIn.event.how_to_pay = null;
    expect(admitted(checkIn).money).toBeNull();
  });

  it('has different words for each refusal', () => {
    const types = [
      'ticket-already-used',
      'ticket-cancelled',
      'ticket-for-another-event',
      'ticket-not-found',
      'ticket-code-malformed',
      'not-signed-in',
      'not-allowed',
    ];
    const verdicts = types.map((type) => verdict(type, { event_title: 'Opera' }));
    expect(new Set(verdicts.map(({ headline }) => headline)).size).toBe(types.length);
    expect(verdicts.every(({ tone }) => tone === 'refuse')).toBe(true);
    expect(verdicts[2]?.reason).toBe('This ticket is for Opera.');
  });

  it('names the time of the first use, at the venue', () => {
    const soon = verdict('ticket-already-used', { used_at: '2026-12-05T18:48:00Z' });
    expect(soon.reason).toMatch(/^First used at 7:48:00\sPM, 12 minutes ago\.$/);
    const old = verdict('ticket-already-used', { used_at: '2026-12-01T18:48:00Z' });
    expect(old.reason).toContain('Dec 1, 2026');
  });

  it('says whose ticket was used, and of which booking', () => {
    const whose = { used_at: '2026-12-05T18:48:00Z', customer_name: 'Ana', booking_id: 42 };
    expect(verdict('ticket-already-used', whose).reason).toMatch(
      /^Ana, booking No\. 42\. First used at 7:48:00\sPM, 12 minutes ago\.$/,
    );
  });

  it('calls nobody a cheat whom this door let in within a minute', () => {
    const used = { used_at: '2026-12-05T18:59:20Z', customer_name: 'Ana', booking_id: 42 };
    const again = (seconds: number) =>
      verdict('ticket-already-used', used, { admittedAt: now - seconds * 1000 });
    expect(again(4)).toMatchObject({
      tone: 'again',
      headline: 'Let in just now',
      reason:
        'Ana, booking No. 42. This door let the holder in 4 seconds ago. The code admits nobody else.',
    });
    expect(again(59).tone).toBe('again');
    expect(again(60)).toMatchObject({ tone: 'refuse', headline: 'Already used' });
  });

  it('keeps its words in order beside right-to-left names and titles', () => {
    const turned = { customer_name: 'Mallory\u202e', booking_id: 42 };
    expect(verdict('ticket-already-used', turned).reason).toBe(
      'Mallory, booking No. 42. First used.',
    );
    const title = verdict('ticket-for-another-event', { event_title: '\u05d0!' });
    expect(title.reason).toBe('This ticket is for \u2068\u05d0!\u2069.');
  });

  it('knows nothing when the server did not answer, and says that it is safe to repeat', () => {
    for (const type of ['offline', 'internal', 'busy', 'database-away']) {
      expect(verdict(type)).toMatchObject({
        tone: 'unknown',
        headline: 'No answer',
        next: 'repeat',
      });
    }
  });

  it('does not call a customer a cheat for a scan that went unanswered', () => {
    const askedAt = now - 30_000;
    const own = verdict('ticket-already-used', { used_at: '2026-12-05T18:59:31Z' }, { askedAt });
    expect(own).toMatchObject({ tone: 'unknown', headline: 'Used just now' });
    expect(own.reason).toContain('it is this customer');
    const before = verdict('ticket-already-used', { used_at: '2026-12-05T18:00:00Z' }, { askedAt });
    expect(before.tone).toBe('refuse');
  });
});
