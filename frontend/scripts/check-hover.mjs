// A finger leaves :hover behind on what it touched, so a rule with :hover stands in
// @media (hover: hover).
import { globSync, readFileSync } from 'node:fs';

const stylesOf = (file, text) =>
  file.endsWith('.css')
    ? text
    : [...text.matchAll(/\bstyles: `([^`]*)`/g)].map(([, styles]) => styles).join('\n');

/** The selectors with :hover that stand in no such media query. */
function misplaced(css) {
  const blocks = [];
  const found = [];
  for (const [, before, brace] of css
    .replaceAll(/\/\*.*?\*\//gs, '')
    .matchAll(/([^{};]*)([{};])/g)) {
    const head = before.trim();
    if (brace === '}') blocks.pop();
    if (brace !== '{') continue;
    if (head.includes(':hover') && !blocks.some((block) => block.includes('(hover: hover)'))) {
      found.push(head);
    }
    blocks.push(head);
  }
  return found;
}

const refused = globSync('src/**/*.{css,ts}').flatMap((file) =>
  misplaced(stylesOf(file, readFileSync(file, 'utf8'))).map((head) => `${file}: ${head}`),
);

if (refused.length > 0) {
  console.error('Write :hover within @media (hover: hover):');
  console.error(refused.join('\n'));
  process.exit(1);
}
