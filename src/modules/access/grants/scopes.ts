import type { Access, AccessPrincipal } from '../contract.ts';
import { scopesOver } from '../policy/scope-words.ts';

/** Whether a scope covers a permission: `orders:read`, `orders:*`, `*:read` or `*`. */
export function covers(scope: string, permission: string): boolean {
  return scopesOver(permission).includes(scope);
}

/** Whether a principal's scopes, if it has any, let it use a permission. */
export function withinScopes(principal: AccessPrincipal | undefined, permission: string): boolean {
  const scopes = principal?.scopes;
  return scopes === undefined || scopes.some((scope) => covers(scope, permission));
}

/**
 * The same answers, with the scopes of API keys kept: whatever the roles of a service account allow, a key of it is
 * nobody outside of its scopes.
 */
export function scoped<P extends string, R extends string>(access: Access<P, R>): Access<P, R> {
  const within = (principal: AccessPrincipal | undefined, permission: string): AccessPrincipal | undefined =>
    withinScopes(principal, permission) ? principal : undefined;
  return {
    ...access,
    can: (principal, permission, row, facts) =>
      access.can(within(principal, permission), permission, row, facts),
    explain: (principal, permission, row, facts) =>
      access.explain(within(principal, permission), permission, row, facts),
    accessible: (principal, permission, facts, options) =>
      access.accessible(within(principal, permission), permission, facts, options),
    readable: (principal, resource) => access.readable(within(principal, `${resource}:read`), resource),
    writable: (principal, resource) => access.writable(within(principal, `${resource}:update`), resource),
    mayFilter: (principal, resource, field) =>
      access.mayFilter(within(principal, `${resource}:read`), resource, field),
    maskRead: (principal, resource, row) =>
      access.maskRead(within(principal, `${resource}:read`), resource, row),
    checkWrite: (principal, resource, changes, row, facts) =>
      access.checkWrite(
        within(principal, `${resource}:${row === undefined ? 'create' : 'update'}`),
        resource,
        changes,
        row,
        facts,
      ),
  };
}
