import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { OptionsError } from '../../../core/errors.ts';

/** A point on the earth, and how far off it may be. */
export interface PlacePoint {
  /** Degrees, -90 to 90. */
  readonly latitude: number;
  /** Degrees, -180 to 180. */
  readonly longitude: number;
  /** Kilometres; 50 where a city is known and the file does not say. */
  readonly accuracyKm: number;
}

/** Where an address is, and whose it is, as far as the local files tell. */
export interface PlaceValue {
  /** ISO 3166-1 alpha-2. */
  readonly country?: string;
  /** English name. */
  readonly city?: string;
  /** Absent where the file knows no coordinates, or only the middle of a country without saying how far off it is. */
  readonly point?: PlacePoint;
  /** Number of the autonomous system. */
  readonly asn?: number;
  /** Who runs it. */
  readonly organisation?: string;
}

/** An opened .mmdb file. */
export interface PlaceFile {
  /** When its maker built it, milliseconds since the epoch. */
  readonly builtAtMs: number;
  find(address: string): PlaceValue;
}

const MAX_FILE_BYTES = 512_000_000;

interface MmdbReader {
  readonly metadata: { readonly buildEpoch: Date };
  get(address: string): unknown;
}

/**
 * Opens a file of places or networks in the MaxMind format: GeoLite2, DB-IP, IPinfo and others.
 * @throws OptionsError naming the file, or what has to be installed
 */
export function openPlaceFile(path: string): PlaceFile {
  const { Reader } = loadReader();
  try {
    if (statSync(path).size > MAX_FILE_BYTES) throw new RangeError(`larger than ${MAX_FILE_BYTES} bytes`);
    const reader = new Reader(readFileSync(path));
    // A file that was cut short often shows only when it is asked.
    for (const probe of ['1.1.1.1', '8.8.8.8', '203.0.113.1']) reader.get(probe);
    return { builtAtMs: Number(reader.metadata.buildEpoch), find: (address) => placeOf(reader, address) };
  } catch (error) {
    throw new OptionsError(
      path,
      `is no .mmdb file that can be read: ${error instanceof Error ? error.message.slice(0, 100) : 'unknown'}`,
    );
  }
}

function loadReader(): { readonly Reader: new (file: Buffer) => MmdbReader } {
  try {
    return createRequire(import.meta.url)('maxmind') as ReturnType<typeof loadReader>;
  } catch {
    throw new OptionsError('shield.place', 'needs the package maxmind: npm install maxmind');
  }
}

function placeOf(reader: MmdbReader, address: string): PlaceValue {
  const found = reader.get(address);
  return typeof found === 'object' && found !== null ? readPlace(found) : {};
}

interface Raw {
  readonly country?: { readonly iso_code?: unknown } | string;
  readonly country_code?: unknown;
  readonly city?: { readonly names?: { readonly en?: unknown } } | string;
  readonly location?: {
    readonly latitude?: unknown;
    readonly longitude?: unknown;
    readonly accuracy_radius?: unknown;
  };
  readonly latitude?: unknown;
  readonly longitude?: unknown;
  readonly lat?: unknown;
  readonly lng?: unknown;
  readonly autonomous_system_number?: unknown;
  readonly autonomous_system_organization?: unknown;
  readonly asn?: unknown;
  readonly as_name?: unknown;
}

/** What different makers call the same. */
function readPlace(raw: Raw): PlaceValue {
  const country = typeof raw.country === 'object' ? raw.country?.iso_code : (raw.country_code ?? raw.country);
  const city = typeof raw.city === 'object' ? raw.city?.names?.en : raw.city;
  const asn =
    raw.autonomous_system_number ??
    (typeof raw.asn === 'string' ? Number(raw.asn.replace(/^AS/, '')) : raw.asn);
  const point = pointOf(raw, typeof city === 'string');
  const organisation = raw.autonomous_system_organization ?? raw.as_name;
  return {
    ...(typeof country === 'string' && /^[A-Z]{2}$/.test(country) ? { country } : {}),
    ...(typeof city === 'string' ? { city: city.slice(0, 100) } : {}),
    ...(point === undefined ? {} : { point }),
    ...(typeof asn === 'number' && Number.isSafeInteger(asn) ? { asn } : {}),
    ...(typeof organisation === 'string' ? { organisation: organisation.slice(0, 200) } : {}),
  };
}

/** Databases of a city are seldom farther off. */
const CITY_KM = 50;
const MAX_KM = 20_040;

function pointOf({ location = {}, ...raw }: Raw, hasCity: boolean): PlacePoint | undefined {
  const latitude = degrees(location.latitude ?? raw.latitude ?? raw.lat, 90);
  const longitude = degrees(location.longitude ?? raw.longitude ?? raw.lng, 180);
  const said = location.accuracy_radius;
  const accuracyKm =
    typeof said === 'number' && said >= 0 && said <= MAX_KM ? said : hasCity ? CITY_KM : null;
  if (latitude === undefined || longitude === undefined || accuracyKm === null) return undefined;
  return { latitude, longitude, accuracyKm };
}

/** Some makers write numbers as text. */
function degrees(value: unknown, most: number): number | undefined {
  const found = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof found === 'number' && Math.abs(found) <= most ? found : undefined;
}
