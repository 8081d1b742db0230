/**
 * Every scope that covers a permission `resource:action`: the permission itself, all actions of the resource, the action
 * on all resources, and everything. One list for the process and for policies of the database.
 */
export function scopesOver(permission: string): readonly string[] {
  const [resource = '', action = ''] = permission.split(':', 2);
  return ['*', '*:*', `${resource}:*`, `*:${action}`, permission];
}
