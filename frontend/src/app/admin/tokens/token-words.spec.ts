import { sampleToken } from '../../../testing/samples';
import { eventOf, kindOf, lastUseOf, stateOf } from './token-words';

const NOW = Date.parse('2026-12-01T10:00:00Z');

describe('the words for a token', () => {
  it('say what it may do', () => {
    expect(kindOf(sampleToken)).toBe('API token: Box office, Reports');
    expect(kindOf({ ...sampleToken, scopes: ['door'], is_pass: true })).toBe('Door pass');
  });

  it('say where, and when it was used', () => {
    expect(eventOf(sampleToken)).toBe('All events');
    expect(eventOf({ ...sampleToken, event_title: 'Jazz' })).toContain('Jazz');
    expect(lastUseOf(sampleToken)).toBe('Never used');
    expect(lastUseOf({ ...sampleToken, last_used_on: '2026-11-30' })).toMatch(/Nov 30|30 Nov/);
  });

  it.each([
    [{}, /^Until/],
    [{ usable: false, revoked_at: '2026-11-30T10:00:00Z' }, /^Revoked/],
    [{ usable: false, expires_at: '2026-11-30T10:00:00Z' }, /^Ended .*(Nov 30|30 Nov)/],
    [{ usable: false }, /^Ended with its admin/],
  ])('say until when it works: %j', (changed, words) => {
    expect(stateOf({ ...sampleToken, ...changed }, NOW)).toMatch(words);
  });
});
