import { LOCALE } from './locale';

export function formatCount(count: number, locale: string = LOCALE): string {
  return new Intl.NumberFormat(locale).format(count);
}

/** “1 ticket”, “1,200 tickets”. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
