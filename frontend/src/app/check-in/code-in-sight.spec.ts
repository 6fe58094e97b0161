import { CodeInSight } from './code-in-sight';

const NOTHING = { came: null, other: false };
const OTHER = { came: null, other: true };

describe('CodeInSight', () => {
  let sight: CodeInSight;
  let now: number;

  beforeEach(() => {
    now = 50_000;
    sight = new CodeInSight(() => now);
  });

  /** Shows the camera these pictures, one each `every` milliseconds, and says what counted. */
  function show(pictures: readonly (string | null)[], every = 120): (string | null)[] {
    return pictures
      .map((code) => {
        now += every;
        return sight.look(code).came;
      })
      .filter((code) => code !== null);
  }

  const EMPTY_FOR_A_WHILE = Array.from({ length: 10 }, () => null);

  it('tells of a code once while it stays', () => {
    expect(sight.look('A')).toEqual({ came: 'A', other: false });
    expect(sight.look('A')).toEqual(NOTHING);
    expect(show(['A', 'A', 'A'], 5_000)).toEqual([]);
  });

  it('takes a flicker for the same code', () => {
    expect(show(['A', null, 'A', null, null, 'A'])).toEqual(['A']);
  });

  it('takes one empty picture of a slow phone for a flicker, too', () => {
    expect(show(['A', null, 'A'], 5_000)).toEqual(['A']);
    expect(show([null, null, 'A'], 5_000)).toEqual(['A']);
  });

  it('tells of a code again when it was gone', () => {
    expect(show(['A', ...EMPTY_FOR_A_WHILE, 'A'])).toEqual(['A', 'A']);
  });

  it('counts only the first of two codes in one picture, whichever is read', () => {
    expect(show(['A', 'B', 'A', null, 'B', 'B', 'A'])).toEqual(['A']);
    expect(sight.look('B')).toEqual(OTHER);
    expect(sight.look('A')).toEqual(OTHER);
    expect(show(EMPTY_FOR_A_WHILE)).toEqual([]);
    expect(sight.look(null)).toEqual(NOTHING);
  });

  it('counts only the first of two codes that a moving hand shows in turn', () => {
    const turn = (code: string) => [code, code, code, null, null];
    expect(show([...turn('A'), ...turn('B'), ...turn('A'), ...turn('B')])).toEqual(['A']);
  });

  it('counts another code once the picture was empty for a while', () => {
    expect(show(['A', ...EMPTY_FOR_A_WHILE, 'B', 'A'])).toEqual(['A', 'B']);
  });

  it('takes a code that reads as nothing for no code', () => {
    expect(show(['A', ...EMPTY_FOR_A_WHILE.map(() => ''), 'B'])).toEqual(['A', 'B']);
  });
});
