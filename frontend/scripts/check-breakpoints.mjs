// Custom properties do not work in media queries, so the breakpoints have no names. This keeps
// them to those that src/styles/README.md lists.
import { globSync, readFileSync } from 'node:fs';

const BREAKPOINTS = ['34rem', '46rem', '60rem'];

const refused = globSync('src/**/*.{css,ts}').flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/@media[^{]*?width[^{]*/g)]
    .filter(([query]) =>
      [...query.matchAll(/\(([^)]*\bwidth\b[^)]*)\)/g)].some(
        ([, feature]) =>
          !BREAKPOINTS.some((width) => /^width (<|>=) (\S+)$/.exec(feature)?.[2] === width),
      ),
    )
    .map(([query]) => `${file}: ${query.trim()}`),
);

if (refused.length > 0) {
  console.error(`Write widths as (width >= …) or (width < …) with ${BREAKPOINTS.join(', ')}:`);
  console.error(refused.join('\n'));
  process.exit(1);
}
