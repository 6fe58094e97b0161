import { groupedCode, ticketCodeReadings } from './ticket-code';
import cases from './ticket-code-cases.json';

describe('a ticket code', () => {
  for (const { typed, readings } of cases) {
    it(`is read from ${JSON.stringify(typed)} as by the database`, () => {
      expect(ticketCodeReadings(typed)).toEqual(readings);
    });
  }

  it('is shown in groups', () => {
    expect(groupedCode('7fdy9s5j0fbkkytf3y6wm')).toBe('7FDY9-S5J0F-BKKYT-F3Y6W-M');
  });
});
