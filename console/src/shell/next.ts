/** Longest address that is carried through the sign-in; anything longer leads to the overview. */
const MAX_NEXT = 1000;

/**
 * A page of the account that leads back to where the reader is. The console's own pages alone are carried along, and
 * never the set-up link or a fragment.
 */
export function accountPath(
  page: 'sign-in' | 'enrol',
  { pathname, search }: { readonly pathname: string; readonly search: string },
): string {
  const here = pathname.replace(/\/$/, '') + search;
  const isOurs = /^\/console(?:[/?]|$)/.test(here) && !pathname.startsWith('/console/setup');
  const next = isOurs && here.length <= MAX_NEXT ? here : '/console';
  // Slashes stay readable: they mean nothing in a query.
  return `/account/${page}?next=${encodeURIComponent(next).replaceAll('%2F', '/')}`;
}
