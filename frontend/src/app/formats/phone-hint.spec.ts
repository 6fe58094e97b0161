import { phoneHint, readingInWords } from './phone-hint';

describe('phoneHint', () => {
  it('names the country whose numbers need no +', () => {
    expect(phoneHint('DE')).toBe('Numbers without + are from Germany.');
    expect(phoneHint('US')).toBe('Numbers without + are from the United States.');
    expect(phoneHint('NL')).toBe('Numbers without + are from the Netherlands.');
  });

  it('names none while it is not known', () => {
    expect(phoneHint(undefined)).toBe('Numbers from abroad begin with +.');
  });
});

describe('readingInWords', () => {
  const british = { phone: '+497700900125', region: 'DE', usual: true };

  it('shows where a number without + is, and how another country is written', () => {
    expect(readingInWords('07700 900125', british)).toBe(
      '+49 770\u00a0090\u00a00125 in Germany. For a number from another country begin with +.',
    );
  });

  it('asks whether a number is complete that its country does not have', () => {
    const short = { phone: '+49151234', region: 'DE', usual: false };
    expect(readingInWords('+49 151 234', short)).toBe(
      '+49 151\u00a0234 in Germany. Is it complete?',
    );
  });

  it('says nothing of countries about a number that belongs to none', () => {
    const freephone = { phone: '+80012345678', region: null, usual: true };
    expect(readingInWords('00800 1234 5678', freephone)).not.toContain('in ');
  });
});
