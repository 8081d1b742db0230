import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ExplainAnswer, RolesAnswer } from '../../../../src/server/api/access-types.ts';
import { Modal } from '../../ui/overlay.tsx';
import { Skeleton } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { explainQuery } from './api.ts';
import { lookOf, STANDING_WORD } from './matrix.ts';
import type { Look } from './matrix.ts';
import { RoleTag } from './parts.tsx';
import { StandingMark } from './standing.tsx';

/** Stands for whoever holds the role: the rules of a role are the same for everybody. */
const ANYBODY = 'user:anybody';
const LINK = 'rounded-sm underline underline-offset-4 hover:text-ink';

/** Why a role stands to a permission as it does: its rules in words, and where they come from. */
export function CellDialog({
  policy,
  role,
  at,
  onClose,
}: {
  readonly policy: RolesAnswer;
  readonly role: RolesAnswer['roles'][number];
  readonly at: number;
  readonly onClose: () => void;
}): ReactNode {
  const permission = policy.permissions[at] ?? '';
  const look = lookOf(policy.roles, role, at);
  const query = useQuery(explainQuery({ subject: ANYBODY, roles: [role.role], permission }));
  return (
    <Modal title={`${role.role}: ${permission}`} onClose={onClose}>
      <div className="space-y-4 text-sm">
        <p className="flex items-start gap-2">
          <StandingMark isOfLine standing={look.standing} isInherited={look.from !== null} />
          <span>{sentence(look, role)}</span>
        </p>
        {look.inProcessOnly && (
          <p className="rounded-lg bg-challenged-tint px-3 py-2 text-challenged-text">
            A predicate of the application takes part. It is asked in the process; the database can’t ask it.
          </p>
        )}
        <Loaded query={query} skeleton={<Skeleton className="h-20 rounded-lg" />}>
          {({ rules }) => <Rules rules={rules} />}
        </Loaded>
        <p className="flex flex-wrap gap-x-4 gap-y-1 text-mute">
          <Link to="/access/who-can" search={{ permission }} className={LINK}>
            Who can {permission}
          </Link>
          <Link to="/access/assignments" search={{ role: role.role }} className={LINK}>
            Who holds {role.role}
          </Link>
        </p>
      </div>
    </Modal>
  );
}

function sentence({ standing, from }: Look, { role, inherits }: RolesAnswer['roles'][number]): string {
  const source = from === null ? '' : `, as it inherits from ${from}`;
  if (standing === 'always')
    return `${STANDING_WORD.always}: whoever holds ${role} may, whatever the row${source}.`;
  if (standing === 'condition') return `Whoever holds ${role} may when a condition holds${source}.`;
  if (standing === 'denied') return `What ${inherits.join(' or ')} may is denied to ${role}. A denial wins.`;
  return `No rule gives it to ${role}, and what no rule gives is refused.`;
}

function Rules({ rules }: { readonly rules: ExplainAnswer['rules'] }): ReactNode {
  if (rules.length === 0) return null;
  return (
    <div>
      <h3 className="mb-1.5 text-xs text-faint">{rules.length === 1 ? 'The rule' : 'The rules'}</h3>
      <ul className="space-y-2">
        {rules.map(({ rule, effect, inheritedFrom, condition }) => (
          <li key={`${rule} ${condition.text}`} className="rounded-lg border border-line bg-sunken px-3 py-2">
            <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
              <span className={`font-medium ${effect === 'deny' ? 'text-blocked-text' : ''}`}>
                {effect === 'deny' ? 'Denies' : 'Allows'}
              </span>
              <span className="font-mono text-xs break-all text-mute">{rule}</span>
            </p>
            <p className="mt-1 font-mono text-xs break-words">
              {condition.text === 'always' ? 'always' : `when ${condition.text}`}
            </p>
            {inheritedFrom !== undefined && (
              <p className="mt-1.5 flex flex-wrap items-center gap-1.5 text-xs text-mute">
                inherited from <RoleTag role={inheritedFrom} />
              </p>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
