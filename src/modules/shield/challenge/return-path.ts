const MAX_CHARACTERS = 2_000;
const NOWHERE = 'http://nowhere.invalid';

/**
 * A path of this site to go on to; `/` for everything else. Never another origin, however it is written (`//evil`, `/\evil`,
 * `/..//evil`, schemes, control bytes): what is returned is what a browser would make of it, checked once more.
 */
export function returnPath(given: string | null | undefined): string {
  if (typeof given !== 'string' || given.length > MAX_CHARACTERS) return '/';
  if (!/^\/[\x21-\x5b\x5d-\x7e]*$/.test(given) || given.startsWith('//')) return '/';
  if (!URL.canParse(given, NOWHERE)) return '/';
  const url = new URL(given, NOWHERE);
  const path = url.pathname + url.search + url.hash;
  return url.origin === NOWHERE && url.username === '' && /^\/(?![/\\])/.test(path) ? path : '/';
}
