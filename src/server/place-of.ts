import type { BlockPlaces } from '../modules/shield/index.ts';
import type { IdentityPorts } from '../modules/identity/index.ts';
import type { Shield } from './shield.ts';

/** What accounts ask about places; nothing where no file of places is configured. */
export function placeOf({ places }: Pick<Shield, 'places'>): Pick<IdentityPorts, 'placeOf'> {
  if (places === null) return {};
  return {
    placeOf(address) {
      const { country, city, point } = places.find(address) ?? {};
      if (country === undefined) return undefined;
      return {
        country,
        ...(city === undefined ? {} : { city }),
        ...(point === undefined ? {} : { point }),
        ...(places.hides(address) ? { hidden: true } : {}),
      };
    },
  };
}

/** Where addresses are; `undefined` while there is no database of places: one that a feed brings may come later. */
export function placesOf({ places }: Pick<Shield, 'places'>): BlockPlaces | undefined {
  return places?.hasDatabases() === true ? places.find : undefined;
}

interface Named {
  /** ISO 3166-1 alpha-2. */
  readonly country?: string | undefined;
  readonly city?: string | undefined;
}

const COUNTRY_NAMES = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' });

/** A place as a text for people: `Hamburg, Germany`; `undefined` where nobody knows. */
export function placeName(
  places: ((address: string) => Named | undefined) | undefined,
  address: string,
): string | undefined {
  const { country, city } = places?.(address) ?? {};
  if (country === undefined || !/^[A-Z]{2}$/.test(country)) return undefined;
  const name = COUNTRY_NAMES.of(country) ?? country;
  return city === undefined ? name : `${city}, ${name}`.slice(0, 200);
}
