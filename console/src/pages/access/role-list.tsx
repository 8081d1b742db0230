import type { ReactNode } from 'react';
import type { RolesAnswer } from '../../../../src/server/api/access-types.ts';
import { useView } from '../../state/view.ts';
import { SelectField } from './fields.tsx';
import { byResource, lookOf, lookWords } from './matrix.ts';
import { StandingMark } from './standing.tsx';

/** One role at a time, where the matrix has no room. */
export function RoleList({
  policy,
  onOpen,
}: {
  readonly policy: RolesAnswer;
  readonly onOpen: (role: string, permission: string) => void;
}): ReactNode {
  const { search, change } = useView();
  const { roles, permissions } = policy;
  const role = roles.find((one) => one.role === search.role) ?? roles[0];
  if (!role) return null;
  return (
    <>
      <div className="border-t border-line px-4 py-3">
        <SelectField
          label="Role"
          value={role.role}
          hint={role.inherits.length > 0 ? `Inherits ${role.inherits.join(', ')}` : 'Inherits nothing'}
          onChange={(next) => change({ ...search, role: next }, true)}
        >
          {roles.map((one) => (
            <option key={one.role}>{one.role}</option>
          ))}
        </SelectField>
      </div>
      {byResource(permissions).map((group) => (
        <section key={group.resource} aria-label={group.resource} className="border-t border-line">
          <h3 className="bg-sunken px-4 py-1 text-xs font-semibold">{group.resource}</h3>
          <ul>
            {group.permissions.map(({ permission, action, at }) => {
              const look = lookOf(roles, role, at);
              return (
                <li key={permission} className="border-t border-line">
                  <button
                    type="button"
                    onClick={() => onOpen(role.role, permission)}
                    className="flex min-h-10 w-full items-center gap-2 px-4 py-1.5 text-left text-sm hover:bg-hover focus-visible:-outline-offset-2"
                  >
                    <span className="flex-1 font-medium">{action}</span>
                    <span className="text-xs text-mute">{lookWords(look)}</span>
                    <StandingMark standing={look.standing} />
                  </button>
                </li>
              );
            })}
          </ul>
        </section>
      ))}
    </>
  );
}
