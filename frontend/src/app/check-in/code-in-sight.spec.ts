import { CodeInSight } from './code-in-sight';

describe('CodeInSight', () => {
  let sight: CodeInSight;

  beforeEach(() => {
    sight = new CodeInSight();
  });

  it('tells of a code once while it stays', () => {
    expect(sight.look('A', 0)).toBe('A');
    expect(sight.look('A', 120)).toBeNull();
  });

  it('tells of it once on a phone that takes few pictures, too', () => {
    expect(sight.look('A', 0)).toBe('A');
    expect(sight.look('A', 5_000)).toBeNull();
  });

  it('takes a flicker for the same code', () => {
    expect(sight.look('A', 0)).toBe('A');
    expect(sight.look(null, 120)).toBeNull();
    expect(sight.look('A', 240)).toBeNull();
  });

  it('tells of it again when it was gone', () => {
    expect(sight.look('A', 0)).toBe('A');
    expect(sight.look(null, 1_600)).toBeNull();
    expect(sight.look('A', 1_720)).toBe('A');
  });

  it('tells of another code at once', () => {
    expect(sight.look('A', 0)).toBe('A');
    expect(sight.look('B', 120)).toBe('B');
    expect(sight.look('A', 240)).toBe('A');
  });
});
