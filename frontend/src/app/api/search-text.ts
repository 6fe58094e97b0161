/** The API refuses a longer search. */
export const MOST_SEARCHED = 100;

/** The API refuses a longer category. */
const MOST_IN_A_CATEGORY = 40;

/** The search text of an address as the API takes it; empty if it is not valid. */
export function searchText(said: unknown): string {
  return cut(said, MOST_SEARCHED);
}

/** The category that an address names, as the API takes it. */
export function categoryText(said: unknown): string {
  return cut(said, MOST_IN_A_CATEGORY);
}

function cut(said: unknown, most: number): string {
  if (typeof said !== 'string') return '';
  // By character, not by UTF-16 unit: half of one cannot be sent.
  return [...said.trim()].slice(0, most).join('').trim();
}
