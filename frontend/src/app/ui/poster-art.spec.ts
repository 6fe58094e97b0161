import { POSTER_SIZE, posterArt } from './poster-art';

describe('posterArt', () => {
  it('draws the same poster for the same event every time', () => {
    expect(posterArt(7, 'Jazz am Kanal')).toEqual(posterArt(7, 'Jazz am Kanal'));
  });

  it('keeps drawing the posters people know', () => {
    const { ground, shapes } = posterArt(1, 'Macbeth');
    expect({ ground, count: shapes.length, first: shapes[0] }).toMatchInlineSnapshot(`
      {
        "count": 11,
        "first": {
          "fill": "#17334d",
          "path": "M29 134a128 128 0 1 0 256 0a128 128 0 1 0 -256 0z",
        },
        "ground": "#9ec7d6",
      }
    `);
  });

  it('tells events apart, also those with one title', () => {
    const posters = new Set(
      Array.from({ length: 60 }, (_, id) => JSON.stringify(posterArt(id, 'Open Mic'))),
    );
    expect(posters.size).toBeGreaterThan(55);
  });

  it.each(['', '<img src=x onerror=alert(1)>', '🎭 ∞', 'W'.repeat(200)])(
    'draws only paths and inks for the title %j',
    (title) => {
      for (const { path, fill } of posterArt(3, title).shapes) {
        expect(path).toMatch(/^[MmHhVvLlAaZz\d\s.,-]+$/);
        expect(fill).toMatch(/^#[0-9a-f]{6}$/);
      }
    },
  );

  it('draws round circles', () => {
    const circles = Array.from({ length: 200 }, (_, id) => posterArt(id, 'Open Mic'))
      .flatMap(({ shapes }) => shapes)
      .map(({ path }) => /a([\d.]+) ([\d.]+) 0 1 0 ([\d.]+) 0a/.exec(path))
      .filter((match) => match !== null)
      .map(([, rx, ry, chord]) => [Number(rx), Number(ry), Number(chord)]);
    expect(circles.length).toBeGreaterThan(100);
    for (const [rx = 0, ry, chord] of circles) {
      expect(ry).toBe(rx);
      // SVG makes an arc whose chord is longer than two radii wider, and one that is shorter flat.
      expect(chord).toBeCloseTo(2 * rx, 5);
    }
  });

  it('covers its square', () => {
    expect(POSTER_SIZE).toBeGreaterThan(0);
    expect(posterArt(5, 'Macbeth').shapes.length).toBeGreaterThan(2);
  });
});
