/** Two roles that nobody may hold together, and why. */
export interface Separation {
  readonly roles: readonly [string, string];
  /** Shown to whoever is refused. */
  readonly reason: string;
}

/** A separation that a set of roles would break. */
export type Conflict = Separation;

/**
 * The first separation that a set of roles breaks (NIST SP 800-53 AC-5). What a role inherits counts as held.
 * @param closure a role and every role that it inherits
 */
export function conflictOf(
  separations: readonly Separation[],
  roles: readonly string[],
  closure: (role: string) => readonly string[],
): Conflict | undefined {
  if (separations.length === 0 || roles.length === 0) return undefined;
  const held = new Set(roles.flatMap((role) => [role, ...closure(role)]));
  return separations.find(({ roles: [one, other] }) => held.has(one) && held.has(other));
}

/**
 * Adds assigned roles to those that a subject has of itself. One that may not stand beside what is held already is left
 * out: two changes at the same moment in two places never make a forbidden pair effective.
 */
export function effectiveRoles(
  separations: readonly Separation[],
  own: readonly string[],
  assigned: readonly string[],
  closure: (role: string) => readonly string[],
): readonly string[] {
  if (assigned.length === 0) return own;
  const roles = [...own];
  for (const role of assigned) {
    if (roles.includes(role)) continue;
    if (separations.length > 0 && conflictOf(separations, [...roles, role], closure) !== undefined) continue;
    roles.push(role);
  }
  return roles;
}
