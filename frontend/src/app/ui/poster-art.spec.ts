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

  it('covers its square', () => {
    expect(POSTER_SIZE).toBeGreaterThan(0);
    expect(posterArt(5, 'Macbeth').shapes.length).toBeGreaterThan(2);
  });
});
