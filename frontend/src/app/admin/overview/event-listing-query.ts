import { categoryText, searchText } from '../../api/search-text';
import { EventStatus } from '../../api/shapes';

/** `coming`: events that start today or later. Only there, cancelled ones stand among others. */
export type StatusFilter = EventStatus | 'coming' | 'all';
export type Order = 'asc' | 'desc';

export const SORTS = [
  { sort: 'date_time', words: 'Date' },
  { sort: 'title', words: 'Event' },
  { sort: 'tickets_sold', words: 'Tickets sold' },
  { sort: 'percent_sold', words: 'Of capacity' },
  { sort: 'bookings', words: 'Bookings' },
  { sort: 'tickets_checked_in', words: 'Checked in' },
  { sort: 'revenue', words: 'Booked value' },
] as const;
export type Sort = (typeof SORTS)[number]['sort'];

export const STATUSES: readonly { status: StatusFilter; words: string }[] = [
  { status: 'coming', words: 'Coming' },
  { status: 'all', words: 'All' },
  { status: 'draft', words: 'Drafts' },
  { status: 'active', words: 'Active' },
  { status: 'completed', words: 'Completed' },
  { status: 'cancelled', words: 'Cancelled' },
];

/** Both orders of every column in words, for where there are no headings to press. */
export const ORDERS: readonly { sort: Sort; order: Order; words: string }[] = SORTS.flatMap(
  ({ sort, words }) => {
    const [most, least] =
      sort === 'date_time'
        ? ['latest first', 'earliest first']
        : sort === 'title'
          ? ['from Z to A', 'from A to Z']
          : ['most first', 'least first'];
    return [
      { sort, order: 'desc' as const, words: `${words}, ${most}` },
      { sort, order: 'asc' as const, words: `${words}, ${least}` },
    ];
  },
);

/** Which events in which order: what the address of /admin says. */
export interface ListingQuery {
  status: StatusFilter;
  search: string;
  category: string;
  sort: Sort;
  order: Order;
}

export type ListingParams = Partial<Record<keyof ListingQuery, string | undefined>>;

/** Reads an address; what makes no sense in it counts as not said. */
export function readListing(params: ListingParams): ListingQuery {
  const status = STATUSES.find((known) => known.status === params.status)?.status ?? 'coming';
  const sort = SORTS.find((known) => known.sort === params.sort)?.sort ?? 'date_time';
  const { order } = params;
  return {
    status,
    search: searchText(params.search),
    category: categoryText(params.category),
    sort,
    order: order === 'asc' || order === 'desc' ? order : usualOrder(sort, status),
  };
}

/** The address for a query: only what differs from the usual, so that addresses stay short. */
export function writeListing(query: ListingQuery): Record<keyof ListingQuery, string | null> {
  const { status, search, category, sort, order } = query;
  return {
    status: status === 'coming' ? null : status,
    search: search || null,
    category: category || null,
    sort: sort === 'date_time' ? null : sort,
    order: order === usualOrder(sort, status) ? null : order,
  };
}

/** The query after a press on a column's heading: the reverse order, or the column's usual one. */
export function sortedBy(query: ListingQuery, sort: Sort): ListingQuery {
  if (sort !== query.sort) return { ...query, sort, order: usualOrder(sort, query.status) };
  return { ...query, order: query.order === 'asc' ? 'desc' : 'asc' };
}

/** Titles from A to Z, coming events soonest first, everything else from the highest down. */
function usualOrder(sort: Sort, status: StatusFilter): Order {
  return sort === 'title' ||
    (sort === 'date_time' && ['coming', 'draft', 'active'].includes(status))
    ? 'asc'
    : 'desc';
}
