interface Hours {
  doors_open: string | null;
  end_time: string | null;
}

interface Facts {
  minimum_age: number | null;
  access_note: string | null;
  organiser_contact: string | null;
}

/** “Doors 19:30, ends 22:30”; null when neither is announced. */
export function hoursInWords({ doors_open: doors, end_time: end }: Hours): string | null {
  if (doors === null) return end === null ? null : `Ends ${end}`;
  return end === null ? `Doors ${doors}` : `Doors ${doors}, ends ${end}`;
}

/** Minimum age, access and contact, as far as the organiser has given them. */
export function moreFacts({ minimum_age: age, access_note, organiser_contact }: Facts) {
  return [
    { term: 'Age', value: age === null ? null : `From ${age} years` },
    { term: 'Access', value: access_note },
    { term: 'Contact', value: organiser_contact },
  ].flatMap(({ term, value }) => (value === null ? [] : [{ term, value }]));
}
