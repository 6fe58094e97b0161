import { mapLink } from './map-link';

describe('mapLink', () => {
  it('searches for the place as it is written', () => {
    expect(mapLink('Straße 9 & Co, Köln')).toBe(
      'https://www.openstreetmap.org/search?query=Stra%C3%9Fe%209%20%26%20Co%2C%20K%C3%B6ln',
    );
  });
});
