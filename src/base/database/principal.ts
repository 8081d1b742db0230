import { OptionsError } from '../../core/errors.ts';
import type { PrincipalValue } from '../../core/fact.ts';

/**
 * Settings of a transaction that say who asks; row-level security reads them. Each is local to its transaction and
 * a text; an absent one is NULL before its first use on a connection and `''` afterwards: read both as nobody.
 */
export const PRINCIPAL_SETTINGS = {
  /** Id of the principal, such as `user:42`. */
  user: 'rampart.user',
  /** `user`, `service` or `admin`. */
  kind: 'rampart.kind',
  /** JSON array of role names. */
  roles: 'rampart.roles',
  /** JSON array of the scopes of an API key; absent: its roles decide alone, empty: nothing is allowed. */
  scopes: 'rampart.scopes',
  tenant: 'rampart.tenant',
  session: 'rampart.session',
  /** JSON object: factor kind to the time of its newest proof, milliseconds since the epoch. */
  provenAtMs: 'rampart.proven_at_ms',
  /** JSON object of what else conditions compare with. */
  attributes: 'rampart.attributes',
  /** Time of the decision, milliseconds since the epoch: the application's clock, so that both sides agree. */
  nowMs: 'rampart.now_ms',
} as const;

/** One of {@link PRINCIPAL_SETTINGS}. */
export type PrincipalSetting = keyof typeof PRINCIPAL_SETTINGS;

/** Role under which an application's statements run unless it names its own: owns nothing, bypasses nothing. */
export const APPLICATION_ROLE = 'rampart_app';

/** A principal with what conditions may ask of it beside its identity. */
export interface DatabasePrincipal extends PrincipalValue {
  /** Factor kind to the time of its newest proof, milliseconds since the epoch. */
  readonly provenAtMs?: Readonly<Record<string, number>>;
  /** Plain values that conditions compare with. */
  readonly attributes?: Readonly<Record<string, string | number | boolean | readonly string[] | null>>;
}

/**
 * SQL that reads a setting as text, NULL for nobody. The sub-select makes it one value per statement instead of one
 * call per row.
 */
export function settingSql(setting: PrincipalSetting): string {
  return `(SELECT NULLIF(pg_catalog.current_setting('${PRINCIPAL_SETTINGS[setting]}', true), ''))`;
}

/**
 * Every setting with its value; those that the principal lacks are `''`, so that nothing of another one is left.
 * @throws OptionsError for a value that PostgreSQL would be handed as another one: half of a surrogate pair becomes U+FFFD,
 * and could then be somebody else's id
 */
export function principalSettings(
  principal: DatabasePrincipal,
  nowMs: number,
): readonly (readonly [name: string, value: string])[] {
  const values: Record<PrincipalSetting, string> = {
    user: principal.id,
    kind: principal.kind,
    roles: JSON.stringify(principal.roles),
    scopes: principal.scopes === undefined ? '' : JSON.stringify(principal.scopes),
    tenant: principal.tenant ?? '',
    session: principal.session ?? '',
    provenAtMs: principal.provenAtMs === undefined ? '' : JSON.stringify(principal.provenAtMs),
    attributes: principal.attributes === undefined ? '' : JSON.stringify(principal.attributes),
    nowMs: String(nowMs),
  };
  return Object.entries(PRINCIPAL_SETTINGS).map(([setting, name]) => {
    const value = values[setting as PrincipalSetting];
    if (!value.isWellFormed()) throw new OptionsError(`principal.${setting}`, 'expected well-formed Unicode');
    return [name, value] as const;
  });
}
