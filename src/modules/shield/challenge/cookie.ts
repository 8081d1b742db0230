/** Over https the prefix makes browsers refuse the cookie unless it is Secure, of this host alone and of path `/`. */
const SECURE_NAME = '__Host-rampart-clearance';
const LOCAL_NAME = 'rampart-clearance';
/** A neighbouring subdomain may plant more of them; only so many are tried. */
const MAX_TRIED = 3;

/** The clearances of a Cookie header. */
export function readCookies(header: string | undefined, secure: boolean): readonly string[] {
  // The cheap first look: most requests have none.
  if (header === undefined || header.length > 65_536 || !header.includes(LOCAL_NAME)) return [];
  const wanted = `${secure ? SECURE_NAME : LOCAL_NAME}=`;
  return header
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(wanted))
    .slice(0, MAX_TRIED)
    .map((part) => part.slice(wanted.length));
}

/** `set-cookie` for a clearance. */
export function setCookie(clearance: string, secure: boolean, maxAgeMs: number): string {
  const name = secure ? SECURE_NAME : LOCAL_NAME;
  // Lax: whoever follows a link from elsewhere has it already.
  const base = `${name}=${clearance}; Path=/; Max-Age=${Math.floor(maxAgeMs / 1000)}; HttpOnly; SameSite=Lax`;
  return secure ? `${base}; Secure` : base;
}
