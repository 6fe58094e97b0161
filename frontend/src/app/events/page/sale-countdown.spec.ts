import { inputBinding, outputBinding } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { showPage } from '../../../testing/page';
import { ServerClock } from '../../api/server-clock';
import { UTC } from '../../formats/venue-clock';
import { SaleCountdown } from './sale-countdown';

const OPENS_AT = '2031-05-02T10:00:00Z';

describe('SaleCountdown', () => {
  let now: number;
  let due: number;

  beforeEach(() => {
    vi.useFakeTimers();
    now = Date.parse('2031-05-02T09:59:58Z');
    due = 0;
    // The clock of the device is years behind.
    TestBed.configureTestingModule({
      providers: [{ provide: ServerClock, useValue: { now: () => now } }],
    });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  const show = () =>
    showPage(SaleCountdown, [
      inputBinding('opensAt', () => OPENS_AT),
      inputBinding('clock', () => UTC),
      outputBinding('due', () => due++),
    ]);

  const pass = (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      now += 1000;
      vi.advanceTimersByTime(1000);
      TestBed.tick();
    }
  };

  it('counts down by the clock of the server', () => {
    const { screen } = show();
    expect(screen.getByRole('timer').textContent).toBe('in 0:02');
    pass(1);
    expect(screen.getByRole('timer').textContent).toBe('in 0:01');
    expect(due).toBe(0);
  });

  it('asks once a second from that moment on, until it is gone', () => {
    const { screen, fixture } = show();
    pass(2);
    expect(screen.getByRole('timer').textContent).toBe('in a moment');
    expect(due).toBe(1);
    pass(2);
    expect(due).toBe(3);
    fixture.destroy();
    pass(2);
    expect(due).toBe(3);
  });
});
