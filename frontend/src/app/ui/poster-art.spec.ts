import postersOfBoth from '../../testing/posters.json';
import { newPosterSeed, POSTER_SIZE, posterArt } from './poster-art';

describe('posterArt', () => {
  it('draws the same poster for the same seed every time', () => {
    expect(posterArt(397308498)).toEqual(posterArt(397308498));
  });

  it('keeps drawing the posters people know', () => {
    const { ground, shapes } = posterArt(1380490812);
    expect({ ground, count: shapes.length, first: shapes[0] }).toMatchInlineSnapshot(`
      {
        "count": 12,
        "first": {
          "fill": "#17334d",
          "path": "M29 134a128 128 0 1 0 256 0a128 128 0 1 0 -256 0z",
        },
        "ground": "#9ec7d6",
      }
    `);
  });

  it('draws what the server draws', () => {
    for (const [seed, poster] of Object.entries(postersOfBoth)) {
      const { ground, shapes } = posterArt(Number(seed));
      expect([ground, ...shapes.map(({ fill, path }) => `${fill} ${path}`)].join(' ')).toBe(poster);
    }
  });

  it('draws another poster for another seed', () => {
    const posters = new Set(
      Array.from({ length: 60 }, (_, seed) => JSON.stringify(posterArt(seed))),
    );
    expect(posters.size).toBeGreaterThan(55);
  });

  it.each([0, -1, 2 ** 31 - 1, -(2 ** 31)])('draws only paths and inks for the seed %d', (seed) => {
    for (const { path, fill } of posterArt(seed).shapes) {
      expect(path).toMatch(/^[MmHhVvLlAaZz\d\s.,-]+$/);
      expect(fill).toMatch(/^#[0-9a-f]{6}$/);
    }
  });

  it('draws round circles', () => {
    const circles = Array.from({ length: 200 }, (_, seed) => posterArt(seed))
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
    expect(posterArt(5).shapes.length).toBeGreaterThan(2);
  });
});

describe('newPosterSeed', () => {
  it('is any integer of 32 bits', () => {
    const seeds = Array.from({ length: 200 }, newPosterSeed);
    expect(new Set(seeds).size).toBe(200);
    expect(seeds.every((seed) => seed === (seed | 0))).toBe(true);
    expect(Math.min(...seeds)).toBeLessThan(0);
    expect(Math.max(...seeds)).toBeGreaterThan(0);
  });
});
