/** Header sanity: requests whose headers no honest client sends. */
export { headerDecider, type HeaderPolicy } from './decide.ts';
export type { HeaderFeatures } from './features.ts';
export { headerSanity } from './guard.ts';
export type { HeaderSanityOptions, HeaderSanityRouteOptions } from './options.ts';
