import { useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import type { RolesAnswer } from '../../../../src/server/api/access-types.ts';
import { byResource, lookOf, lookWords, moveIn } from './matrix.ts';
import { StandingMark } from './standing.tsx';

type Open = (role: string, permission: string) => void;

/** Roles as columns, permissions as rows. One focus stop; arrows walk the cells, Enter opens one. */
export function MatrixTable({
  policy,
  onOpen,
}: {
  readonly policy: RolesAnswer;
  readonly onOpen: Open;
}): ReactNode {
  const { roles, permissions } = policy;
  const groups = byResource(permissions);
  const order = groups.flatMap((group) => group.permissions.map(({ at }) => at));
  const [current, setCurrent] = useState({ row: 0, column: 0 });
  const table = useRef<HTMLTableElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const next = moveIn(event.key, current, { rows: order.length, columns: roles.length });
    if (next === null) return;
    event.preventDefault();
    setCurrent(next);
    const cell = `[data-cell="${next.row} ${next.column}"]`;
    table.current?.querySelector<HTMLElement>(cell)?.focus();
  };
  return (
    <div className="max-h-[72vh] scroll-pt-12 scroll-pl-44 overflow-auto overscroll-x-contain border-t border-line quiet-scroll">
      <table
        ref={table}
        role="grid"
        aria-label="Roles and permissions"
        aria-rowcount={order.length + 1}
        className="w-full border-separate border-spacing-0 text-sm"
        onKeyDown={onKeyDown}
      >
        <thead>
          <tr>
            <th
              scope="col"
              className="sticky top-0 left-0 z-20 w-44 min-w-44 border-r border-b border-line bg-panel px-4 py-2 text-left text-xs font-medium text-faint"
            >
              Permission
            </th>
            {roles.map(({ role, inherits }) => (
              <th
                key={role}
                scope="col"
                className="sticky top-0 z-10 min-w-28 border-b border-line bg-panel px-2 py-2 text-center text-xs font-medium"
              >
                {role}
                {inherits.length > 0 && (
                  <span className="block text-2xs font-normal text-faint">
                    inherits {inherits.join(', ')}
                  </span>
                )}
              </th>
            ))}
          </tr>
        </thead>
        {groups.map((group) => (
          <tbody key={group.resource}>
            <tr>
              <th
                scope="rowgroup"
                colSpan={1}
                className="sticky left-0 z-10 border-r border-b border-line bg-sunken px-4 py-1 text-left text-xs font-semibold"
              >
                {group.resource}
              </th>
              <td colSpan={roles.length} className="border-b border-line bg-sunken" />
            </tr>
            {group.permissions.map(({ permission, action, at }) => (
              <tr key={permission} className="group">
                <th
                  scope="row"
                  className="sticky left-0 z-10 border-r border-b border-line bg-panel px-4 py-0 text-left font-normal group-hover:bg-hover"
                >
                  <span className="sr-only">{group.resource} </span>
                  {action}
                </th>
                {roles.map((role, column) => {
                  const row = order.indexOf(at);
                  return (
                    <Cell
                      key={role.role}
                      policy={policy}
                      role={role}
                      at={at}
                      place={`${row} ${column}`}
                      isCurrent={current.row === row && current.column === column}
                      onFocus={() => setCurrent({ row, column })}
                      onOpen={onOpen}
                    />
                  );
                })}
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

function Cell({
  policy,
  role,
  at,
  place,
  isCurrent,
  onFocus,
  onOpen,
}: {
  readonly policy: RolesAnswer;
  readonly role: RolesAnswer['roles'][number];
  readonly at: number;
  readonly place: string;
  readonly isCurrent: boolean;
  readonly onFocus: () => void;
  readonly onOpen: Open;
}): ReactNode {
  const look = lookOf(policy.roles, role, at);
  const permission = policy.permissions[at] ?? '';
  return (
    <td className="border-b border-line p-0 group-hover:bg-hover">
      <button
        type="button"
        data-cell={place}
        tabIndex={isCurrent ? 0 : -1}
        aria-label={`${role.role}, ${permission}: ${lookWords(look)}`}
        title={look.text === '' ? lookWords(look) : `${lookWords(look)}: ${look.text}`}
        onFocus={onFocus}
        onClick={() => onOpen(role.role, permission)}
        className="flex h-8 w-full items-center justify-center focus-visible:-outline-offset-2"
      >
        <StandingMark standing={look.standing} isInherited={look.from !== null} />
      </button>
    </td>
  );
}
