/** Where callers are, and on which lists they stand: from local files. */
export type { PlaceFeeds } from './atlas.ts';
export { placeDecider, type PlaceFeatures, type PlaceState } from './decide.ts';
export { readList, readListFile } from './list-file.ts';
export { openPlaceFile, type PlaceFile, type PlacePoint, type PlaceValue } from './mmdb.ts';
export type {
  CountryOptions,
  CountryRules,
  ListAction,
  ListOptions,
  ListRule,
  PlaceOptions,
  PlaceRouteOptions,
} from './options.ts';
export { Place, type PlacePorts, type Places, places, Reputation } from './place.ts';
export { RangeSet } from './ranges.ts';
