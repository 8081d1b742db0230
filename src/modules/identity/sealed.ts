/** Where sealed secrets stand, so that each opens in its own row alone. */
export const sealedContext = {
  totp: (id: string): string => `identity_totp.secret ${id}`,
  link: (tokenHash: string): string => `identity.link ${tokenHash}`,
  token: (tokenHash: string): string => `identity.token ${tokenHash}`,
  key: (id: string): string => `identity.key ${id}`,
} as const;

/** A column in which the box's texts stand. */
export interface SealedColumnOf {
  readonly table: string;
  /** Primary key. */
  readonly key: string;
  readonly column: string;
  readonly contextOf: (id: string) => string;
}

/** Every column that identity seals: what a rotation of the box's keys goes through. */
export const SEALED_COLUMNS: readonly SealedColumnOf[] = [
  { table: 'rampart.identity_totp', key: 'id', column: 'secret', contextOf: sealedContext.totp },
  { table: 'rampart.identity_links', key: 'token_hash', column: 'payload', contextOf: sealedContext.link },
  {
    table: 'rampart.identity_tokens',
    key: 'token_hash',
    column: 'successor',
    contextOf: sealedContext.token,
  },
  { table: 'rampart.identity_keys', key: 'id', column: 'sealed', contextOf: sealedContext.key },
];
