const OWN = /^\/(?:auth|account|console\/assets)(?:\/|\?|$)|^\/\.well-known\/jwks\.json(?:\?|$)/;

/** Whether a path is one of accounts: their API and pages, which have rules of their own. */
export function isAccountPath(path: string): boolean {
  return OWN.test(path);
}
