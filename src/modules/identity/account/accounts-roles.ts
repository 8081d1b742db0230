import { invalidField } from '../errors.ts';
import type { Actor } from '../facade.ts';
import { keepOneAdministrator } from './administrators.ts';
import type { Kit } from './kit.ts';
import { accountById, updateAccount } from './store.ts';
import { actedBy, adminAct } from './tell.ts';

const MAX_ROLES = 20;
const ROLE = /^[A-Za-z][A-Za-z0-9:_-]{0,39}$/;

/** Roles as they may be kept: sorted, each once. @throws ValidationError on more than 20, or a name of another form */
export function cleanRoles(roles: readonly string[]): readonly string[] {
  if (roles.length > MAX_ROLES) throw invalidField('roles', 'too_big', `At most ${MAX_ROLES} roles.`);
  if (!roles.every((role) => ROLE.test(role))) {
    throw invalidField('roles', 'pattern', 'Roles are 1 to 40 letters, digits, ":", "_" and "-".');
  }
  return [...new Set(roles)].toSorted();
}

/** Whether somebody may do more with `after` than with `before`. */
export function isMorePower(before: readonly string[], after: readonly string[]): boolean {
  return after.some((role) => !before.includes(role));
}

/**
 * Sets the roles of an account. With more power every session ends, so that none that was opened with less carries it
 * (A15, A16).
 * @returns whether there is such an account. @throws AppError 400; 409 for the last administrator
 */
export async function setRoles(
  kit: Kit,
  id: string,
  given: readonly string[],
  actor: Actor,
): Promise<boolean> {
  const roles = cleanRoles(given);
  const { administrators } = kit.settings.roles;
  return kit.ports.transaction(async (tx) => {
    if (!roles.some((role) => administrators.includes(role))) await keepOneAdministrator(kit, tx, id);
    const held = await accountById(tx, id, 'lock');
    if (held === undefined || held.status === 'deleted') return false;
    const acting = actedBy(tx, { actor: actor.id, address: actor.address });
    await updateAccount(tx, id, { roles }, 'visible');
    if (isMorePower(held.roles, roles)) await kit.parts.sessions.endAll(acting, id, 'role-changed');
    await kit.parts.sessions.changed(tx, id);
    const details = { before: held.roles.join(' '), after: roles.join(' ') };
    await tx.audit('USER_ROLES_CHANGED', adminAct(actor, id, details));
    return true;
  });
}
