/** Where somebody goes when nothing else was asked for. */
export const HOME = '/account';
const MAX_LENGTH = 2048;

/**
 * Where to go after signing in: a path of this origin, or the account. Never another origin, however it is spelt
 * (`//host`, `/\host`, `javascript:`, tabs and line ends, which URL parsers drop), and never the sign-in page again.
 * OWASP Unvalidated Redirects and Forwards.
 */
export function safeNext(asked: unknown, origin: string): string {
  if (typeof asked !== 'string' || asked.length > MAX_LENGTH) return HOME;
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (!/^\/(?![/\\])/.test(asked) || /[\u0000-\u0020\u007f\\]/.test(asked)) return HOME;
  let url: URL;
  try {
    url = new URL(asked, origin);
  } catch {
    return HOME;
  }
  // `/..//host` becomes a path that would name a host if it were read again.
  if (url.origin !== origin || url.pathname.startsWith('//')) return HOME;
  if (url.pathname.startsWith('/account/sign-in')) return HOME;
  return url.pathname + url.search + url.hash;
}
