export interface ZoneGroup {
  region: string;
  zones: { name: string; place: string }[];
}

/** Every time zone the browser knows, by region, and those given beside. */
export function zoneGroups(others: readonly string[]): ZoneGroup[] {
  const names = [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', ...others])].sort();
  const groups = new Map<string, ZoneGroup>();
  for (const name of names) {
    const slash = name.indexOf('/');
    const region = slash < 0 ? 'Other' : name.slice(0, slash);
    const group = groups.get(region) ?? { region, zones: [] };
    group.zones.push({ name, place: name.slice(slash + 1).replaceAll('_', ' ') });
    groups.set(region, group);
  }
  return [...groups.values()];
}

export function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
