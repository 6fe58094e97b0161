import { ListingQuery, readListing, sortedBy, writeListing } from './event-listing-query';

describe('the query of the admin list', () => {
  const usual: ListingQuery = {
    status: 'coming',
    search: '',
    category: '',
    sort: 'date_time',
    order: 'asc',
  };

  it('lists coming events, the next first, if the address has no valid query', () => {
    expect(readListing({})).toEqual(usual);
    expect(readListing({ status: 'x', sort: 'price', order: 'up', search: ' ' })).toEqual(usual);
  });

  it('shows all events latest first', () => {
    expect(readListing({ status: 'all' })).toMatchObject({ status: 'all', order: 'desc' });
  });

  it('shows active events soonest first', () => {
    expect(readListing({ status: 'active' }).order).toBe('asc');
    expect(readListing({ status: 'active', order: 'desc' }).order).toBe('desc');
  });

  it('comes back from the address it was written to', () => {
    const queries: ListingQuery[] = [
      usual,
      { status: 'all', search: '', category: '', sort: 'date_time', order: 'desc' },
      { status: 'active', search: 'jazz', category: 'Concert', sort: 'revenue', order: 'asc' },
      { status: 'cancelled', search: '', category: '', sort: 'title', order: 'asc' },
    ];
    for (const query of queries) {
      const written = writeListing(query);
      const read = Object.fromEntries(
        Object.entries(written).map(([name, value]) => [name, value ?? undefined]),
      );
      expect(readListing(read)).toEqual(query);
    }
    expect(writeListing(usual)).toEqual({
      status: null,
      search: null,
      category: null,
      sort: null,
      order: null,
    });
  });

  it('turns round at a second press on the same heading', () => {
    const byRevenue = sortedBy(usual, 'revenue');
    expect(byRevenue).toMatchObject({ sort: 'revenue', order: 'desc' });
    expect(sortedBy(byRevenue, 'revenue').order).toBe('asc');
    expect(sortedBy(byRevenue, 'title').order).toBe('asc');
  });
});
