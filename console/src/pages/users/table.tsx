import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { UserSummary } from '../../../../src/server/api/user-types.ts';
import { carryUserFilter } from '../../api/identity.ts';
import { When } from '../../ui/when.tsx';
import { FactorList, RoleList, StatusBadge } from './status.tsx';

const HEAD = 'px-2 py-2 text-left text-xs font-medium text-faint first:pl-4 last:pr-4';
const CELL = 'px-2 py-2.5 first:pl-4 last:pr-4';

/** The list of users; the whole row leads to the user. */
export function UserTable({ users }: { readonly users: readonly UserSummary[] }): ReactNode {
  return (
    <table className="w-full text-sm">
      <caption className="sr-only">Accounts, newest first</caption>
      <thead>
        <tr className="border-b border-line">
          <th scope="col" className={HEAD}>
            User
          </th>
          <th scope="col" className={HEAD}>
            Status
          </th>
          <th scope="col" className={`${HEAD} max-md:hidden`}>
            Roles
          </th>
          <th scope="col" className={`${HEAD} max-lg:hidden`}>
            Second factors
          </th>
          <th scope="col" className={`${HEAD} text-right max-sm:hidden`}>
            Last sign-in
          </th>
        </tr>
      </thead>
      <tbody>
        {users.map((user) => (
          <Row key={user.id} user={user} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ user }: { readonly user: UserSummary }): ReactNode {
  const { id, name, email, status, roles, factors, lastSignInAtMs } = user;
  return (
    <tr className="relative border-b border-line last:border-0 hover:bg-hover" data-value={`principal:${id}`}>
      <td className={`${CELL} w-[34%] max-w-0 max-sm:w-full`}>
        <Link
          data-row
          to="/users/$id"
          params={{ id }}
          search={carryUserFilter}
          className="row-link block truncate rounded-sm font-medium"
        >
          {name === '' ? email : name}
        </Link>
        <span className="block truncate text-xs text-mute">{name === '' ? 'No name given' : email}</span>
      </td>
      <td className={`${CELL} whitespace-nowrap`}>
        <StatusBadge status={status} />
      </td>
      <td className={`${CELL} max-md:hidden`}>
        <RoleList roles={roles} />
      </td>
      <td className={`${CELL} text-xs max-lg:hidden`}>
        <FactorList factors={factors} status={status} />
      </td>
      <td className={`${CELL} text-right whitespace-nowrap text-mute max-sm:hidden`}>
        {lastSignInAtMs === null ? <span className="text-faint">Never</span> : <When atMs={lastSignInAtMs} />}
      </td>
    </tr>
  );
}
