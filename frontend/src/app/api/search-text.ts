/** The API refuses a longer search. */
export const MOST_SEARCHED = 100;

/** What an address says to search for, as the API takes it; without sense it counts as nothing. */
export function searchText(said: unknown): string {
  if (typeof said !== 'string') return '';
  // By character, not by UTF-16 unit: half of one cannot be sent.
  return [...said.trim()].slice(0, MOST_SEARCHED).join('').trim();
}
