import { Ban, CircleCheck, Clock, Lock, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import type { AuthFactor } from '../../../../src/server/api/auth-types.ts';
import type { UserStatus } from '../../../../src/server/api/user-types.ts';
import { FactorIcon } from './factor-icon.tsx';
import { FACTOR_WORD } from './factors.ts';
import { ROLES } from './roles.ts';
import { STATUS_LABEL, STATUS_MEANING } from './words.ts';

const LOOK = {
  active: { icon: CircleCheck, style: 'bg-good-tint text-good-text' },
  pending: { icon: Clock, style: 'bg-challenged-tint text-challenged-text' },
  locked: { icon: Lock, style: 'bg-blocked-tint text-blocked-text' },
  disabled: { icon: Ban, style: 'bg-sunken text-mute' },
  deleted: { icon: Trash2, style: 'bg-sunken text-mute' },
} as const satisfies Record<UserStatus, unknown>;

/** Sign and word of a status. */
export function StatusBadge({ status }: { readonly status: UserStatus }): ReactNode {
  const { icon: Icon, style } = LOOK[status];
  return (
    <span
      title={STATUS_MEANING[status]}
      className={`inline-flex h-5 items-center gap-1 rounded-full px-2 text-xs font-medium ${style}`}
    >
      <Icon aria-hidden="true" className="size-3" />
      {STATUS_LABEL[status]}
    </span>
  );
}

/** Roles as words; those of the console are framed, because they open this place. */
export function RoleList({ roles }: { readonly roles: readonly string[] }): ReactNode {
  if (roles.length === 0) return <span className="text-faint">No role</span>;
  return (
    <ul className="flex flex-wrap gap-1">
      {roles.map((role) => (
        <li
          key={role}
          className={`inline-flex h-5 items-center rounded px-1.5 text-xs ${ROLES.some((one) => one === role) ? 'border border-control text-ink' : 'bg-sunken text-mute'}`}
        >
          {role}
        </li>
      ))}
    </ul>
  );
}

/** Second factors, each with its sign and name. */
export function FactorList({
  factors,
  status,
}: {
  readonly factors: readonly AuthFactor[];
  readonly status: UserStatus;
}): ReactNode {
  const second = factors.filter((factor) => factor !== 'password' && factor !== 'backup');
  if (second.length === 0) {
    return <span className="text-faint">{status === 'pending' ? 'None yet' : 'Password alone'}</span>;
  }
  return (
    <ul className="flex flex-wrap gap-x-3 gap-y-1">
      {second.map((factor) => (
        <li key={factor} className="inline-flex items-center gap-1 whitespace-nowrap text-mute">
          <FactorIcon factor={factor} />
          {FACTOR_WORD[factor]}
        </li>
      ))}
    </ul>
  );
}
