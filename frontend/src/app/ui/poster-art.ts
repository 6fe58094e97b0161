/** One flat shape of a poster: an SVG path and the ink it is printed in. */
export interface PosterShape {
  path: string;
  fill: string;
}

export interface PosterArt {
  ground: string;
  shapes: PosterShape[];
}

/** Posters are drawn on a square of this size and cropped around its middle. */
export const POSTER_SIZE = 300;

type Random = () => number;
type Inks = readonly [string, string, string, string];
type Composition = (random: Random, inks: Inks) => PosterShape[];

/** Four printing inks each; the first is the ground. */
const PALETTES: readonly Inks[] = [
  ['#d9482b', '#f4e7cf', '#1d1916', '#e8a72f'],
  ['#1f6a68', '#f2e6d0', '#f0805f', '#14283f'],
  ['#2545a3', '#f5c9c0', '#f3c335', '#151a33'],
  ['#e7b9ae', '#8f2f23', '#12413f', '#f6ead6'],
  ['#5b2350', '#f6b66c', '#e25c7c', '#f7ead3'],
  ['#d79a25', '#1f1a15', '#f4ecdb', '#b8391f'],
  ['#efe0c2', '#1c5a45', '#e2613b', '#1d1b3a'],
  ['#1a2042', '#ef6a50', '#efdf6a', '#b0a0dd'],
  ['#9ec7d6', '#17334d', '#f7efdf', '#d8502f'],
  ['#1d1a17', '#e9573a', '#f3e3c3', '#d9a441'],
];

/**
 * The same seed always gives the same poster, on every page and in every browser. For shared links
 * the server draws it too (app/poster.py). The tests of both compare with src/testing/posters.json.
 */
export function posterArt(seed: number): PosterArt {
  const random = randomFrom(seed);
  const [ground, ...others] = pick(PALETTES, random);
  const inks: Inks = [ground, ...shuffled(others, random)] as unknown as Inks;
  return { ground, shapes: pick(COMPOSITIONS, random)(random, inks) };
}

const arcsFromCorner: Composition = (random, [ground, a, b, c]) => {
  const x = pick([0, POSTER_SIZE], random);
  const y = pick([0, POSTER_SIZE], random);
  const cycle = [a, ground, b, ground, c, ground];
  const rings = 5 + Math.floor(random() * 3);
  const disc = { path: circle(POSTER_SIZE - x, POSTER_SIZE - y, 34 + random() * 22), fill: b };
  return [
    ...Array.from({ length: rings }, (_, ring) => ({
      path: circle(x, y, 260 - (ring * 260) / rings),
      fill: cycle[ring % cycle.length] as string,
    })),
    disc,
  ];
};

const sunOverStripes: Composition = (random, [ground, a, b, c]) => {
  const horizon = 150 + random() * 50;
  const sun = { path: circle(90 + random() * 120, horizon, 70 + random() * 35), fill: a };
  const stripes = Array.from({ length: 6 }, (_, row) => ({
    path: rectangle(0, horizon + row * 26, POSTER_SIZE, 9 + row * 2.6),
    fill: row % 2 === 0 ? b : c,
  }));
  return [sun, { path: rectangle(0, horizon, POSTER_SIZE, POSTER_SIZE), fill: ground }, ...stripes];
};

const tiles: Composition = (random, [, a, b, c]) => {
  const cell = POSTER_SIZE / 4;
  const figures: ((x: number, y: number) => string)[] = [
    (x, y) => quarter(x, y, cell, 0),
    (x, y) => quarter(x, y, cell, 1),
    (x, y) => quarter(x, y, cell, 2),
    (x, y) => quarter(x, y, cell, 3),
    (x, y) => circle(x + cell / 2, y + cell / 2, cell / 2 - 8),
    (x, y) => `M${x} ${y}h${cell}l${-cell} ${cell}z`,
    (x, y) => rectangle(x, y, cell, cell),
  ];
  return Array.from({ length: 16 }, (_, index) => ({
    path: pick(figures, random)((index % 4) * cell, Math.floor(index / 4) * cell),
    fill: pick([a, b, c, a], random),
  }));
};

const bars: Composition = (random, [, a, b, c]) => {
  const count = 7 + Math.floor(random() * 3);
  const step = POSTER_SIZE / count;
  return Array.from({ length: count }, (_, index) => {
    const width = step * 0.72;
    // The widest crop shows the round end of each.
    const height = 105 + random() * 95;
    const x = index * step + (step - width) / 2;
    const top = POSTER_SIZE - height;
    return {
      path: `M${round(x)} ${POSTER_SIZE}V${round(top)}a${round(width / 2)} ${round(width / 2)} 0 0 1 ${round(width)} 0V${POSTER_SIZE}z`,
      fill: pick([a, b, c, a], random),
    };
  });
};

const record: Composition = (random, [ground, a, b, c]) => {
  const x = 120 + Math.round(random() * 60);
  const y = 130 + Math.round(random() * 40);
  const radii = [128, 96, 82, 68, 40, 9];
  const fills = [a, ground, a, b, c, ground];
  const lower = random() < 0.5;
  const cut = lower
    ? rectangle(0, y, POSTER_SIZE, POSTER_SIZE)
    : rectangle(x, 0, POSTER_SIZE, POSTER_SIZE);
  const discs = radii.map((radius, ring) => ({
    path: circle(x, y, radius),
    fill: fills[ring] as string,
  }));
  // The half that is cut away, beside its place: other halves would leave crumbs of both.
  const shifted = radii.slice(0, 4).map((radius, ring) => ({
    path: lower ? lowerHalf(x + 26, y + 26, radius) : rightHalf(x + 26, y + 26, radius),
    fill: [c, ground, b, ground][ring] as string,
  }));
  // Where four halves end in one line, the edges of the lower ones show through.
  const gap = lower ? rectangle(0, y, POSTER_SIZE, 26) : rectangle(x, 0, 26, POSTER_SIZE);
  return [...discs, { path: cut, fill: ground }, ...shifted, { path: gap, fill: ground }];
};

const curtain: Composition = (random, [, a, b, c]) => {
  const pleats = 6;
  const width = POSTER_SIZE / pleats;
  // The widest crop shows where most pleats end.
  const drop = 105 + random() * 45;
  return [
    { path: circle(150, 300, 110 + random() * 40), fill: c },
    ...Array.from({ length: pleats }, (_, index) => {
      const edge = drop - Math.abs(index - (pleats - 1) / 2) * -24;
      return {
        path: `M${index * width} 0h${width}v${round(edge)}a${width / 2} ${width / 2} 0 0 1 ${-width} 0z`,
        fill: index % 2 === 0 ? a : b,
      };
    }),
  ];
};

const beams: Composition = (random, [, a, b, c]) => {
  const x = 60 + random() * 180;
  const fills = [a, b, a, c];
  return [
    ...fills.map((fill, index) => {
      const left = -120 + index * 150 + random() * 40;
      return { path: `M${round(x)} -10L${round(left)} 310h${round(62 + random() * 30)}z`, fill };
    }),
    { path: circle(x, 8, 46), fill: b },
    { path: circle(80 + random() * 150, 236, 22 + random() * 18), fill: c },
  ];
};

const dots: Composition = (random, [, a, b, c]) => {
  const cells = 7;
  const step = POSTER_SIZE / cells;
  const centreX = random() * cells;
  const centreY = random() * cells;
  const shapes: PosterShape[] = [];
  for (let row = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      // Not Math.hypot, which each language rounds in its own way.
      const distance = Math.sqrt((column - centreX) ** 2 + (row - centreY) ** 2) / cells;
      shapes.push({
        path: circle(
          (column + 0.5) * step,
          (row + 0.5) * step,
          step * Math.max(0.1, 0.52 - distance * 0.46),
        ),
        fill: distance < 0.3 ? b : distance < 0.62 ? a : c,
      });
    }
  }
  return shapes;
};

const COMPOSITIONS: readonly Composition[] = [
  arcsFromCorner,
  sunOverStripes,
  tiles,
  bars,
  record,
  curtain,
  beams,
  dots,
];

function circle(x: number, y: number, radius: number): string {
  const r = round(radius);
  // Rounded on its own, a chord longer than two radii would make an oval.
  const chord = round(2 * r);
  return `M${round(x - radius)} ${round(y)}a${r} ${r} 0 1 0 ${chord} 0a${r} ${r} 0 1 0 ${-chord} 0z`;
}

function lowerHalf(x: number, y: number, radius: number): string {
  return `M${x - radius} ${y}a${radius} ${radius} 0 0 0 ${2 * radius} 0z`;
}

function rightHalf(x: number, y: number, radius: number): string {
  return `M${x} ${y - radius}a${radius} ${radius} 0 0 1 0 ${2 * radius}z`;
}

function rectangle(x: number, y: number, width: number, height: number): string {
  return `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}z`;
}

/** A quarter disc filling one tile, its centre in the given corner. */
function quarter(x: number, y: number, size: number, corner: number): string {
  const right = x + size;
  const bottom = y + size;
  return (
    [
      `M${x} ${y}H${right}A${size} ${size} 0 0 1 ${x} ${bottom}z`,
      `M${right} ${y}V${bottom}A${size} ${size} 0 0 1 ${x} ${y}z`,
      `M${right} ${bottom}H${x}A${size} ${size} 0 0 1 ${right} ${y}z`,
      `M${x} ${bottom}V${y}A${size} ${size} 0 0 1 ${right} ${bottom}z`,
    ][corner] ?? ''
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function pick<T>(from: readonly T[], random: Random): T {
  return from[Math.floor(random() * from.length)] as T;
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, order: random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ item }) => item);
}

/** A seed by chance, as a new event gets it: any integer of 32 bits. */
export function newPosterSeed(): number {
  return crypto.getRandomValues(new Int32Array(1))[0] as number;
}

/** Mulberry32: small, fast and the same in every JavaScript engine. */
function randomFrom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
