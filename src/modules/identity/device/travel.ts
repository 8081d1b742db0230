import type { GeoPoint, Place } from '../ports.ts';

/** A sign-in, and where it came from. */
export interface Stop {
  readonly place: Place | undefined;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** A journey that nobody makes. */
export interface Journey {
  /** Between the two places at the least: what the database may be off by is taken away. */
  readonly distanceKm: number;
  readonly minutes: number;
  readonly kmPerHour: number;
}

/** Mean radius of the earth, kilometres (IUGG). */
const RADIUS_KM = 6_371.0088;
/** What an airliner does, taking off and landing included. */
const MAX_KM_PER_HOUR = 900;
/** Nearer places are mistaken for one another by every database. */
const MIN_KM = 500;
/** Two sign-ins of one moment are a second apart, so that speeds stay numbers. */
const MIN_MS = 1_000;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** The way between two points along the great circle (haversine), kilometres. */
export function distanceKm(a: GeoPoint, b: GeoPoint): number {
  const byLatitude = Math.sin(radians(b.latitude - a.latitude) / 2) ** 2;
  const byLongitude = Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  const cosines = Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude));
  // Rounding may lead a hair beyond 1 at opposite points.
  const h = Math.min(1, byLatitude + cosines * byLongitude);
  return 2 * RADIUS_KM * Math.asin(Math.sqrt(h));
}

/**
 * Whether somebody cannot have come from one sign-in to the next: more than 500 km apart and faster than 900 km/h, with
 * what the database may be off by in favour of the traveller. Nothing is said of places whose coordinates nobody knows,
 * nor of addresses behind which people hide where they are.
 */
export function impossibleJourney(from: Stop, to: Stop): Journey | undefined {
  const [a, b] = [from.place?.point, to.place?.point];
  if (a === undefined || b === undefined) return undefined;
  if (from.place?.hidden === true || to.place?.hidden === true) return undefined;
  const apartKm = distanceKm(a, b) - a.accuracyKm - b.accuracyKm;
  if (apartKm <= MIN_KM) return undefined;
  const elapsedMs = Math.max(MIN_MS, to.atMs - from.atMs);
  const kmPerHour = apartKm / (elapsedMs / 3_600_000);
  if (kmPerHour <= MAX_KM_PER_HOUR) return undefined;
  return {
    distanceKm: Math.round(apartKm),
    minutes: Math.round(elapsedMs / 60_000),
    kmPerHour: Math.round(kmPerHour),
  };
}
