import { ShieldCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import type { RolesAnswer } from '../../../../src/server/api/access-types.ts';
import { plural } from '../../format/number.ts';
import { useView } from '../../state/view.ts';
import { Code, Empty, Panel } from '../../ui/parts.tsx';
import { CellDialog } from './cell-dialog.tsx';
import { AccessFrame } from './frame.tsx';
import { MatrixTable } from './matrix-table.tsx';
import { Legend } from './standing.tsx';
import { RoleList } from './role-list.tsx';
import { RoleTag } from './parts.tsx';

/** What every role may do, as the policy has it. */
export function RolesPage(): ReactNode {
  return <AccessFrame>{(policy) => <Content policy={policy} />}</AccessFrame>;
}

function Content({ policy }: { readonly policy: RolesAnswer }): ReactNode {
  const { search, change } = useView();
  const { roles, permissions } = policy;
  const { role: name, permission, ...rest } = search;
  const role = roles.find((one) => one.role === name);
  const at = permissions.indexOf(permission ?? '');
  const open = (next: string, of: string): void => change({ ...search, role: next, permission: of });
  if (roles.length === 0 || permissions.length === 0) {
    return (
      <Panel title="Roles and permissions" flush>
        <div className="border-t border-line">
          <Empty icon={<ShieldCheck className="size-4" />} title="The policy has no roles yet">
            Nobody may do anything. Declare a role in <Code>defineAccess</Code>:{' '}
            <Code>{"roles: { support: { can: { 'orders:read': true } } }"}</Code>
          </Empty>
        </div>
      </Panel>
    );
  }
  return (
    <div className="space-y-4">
      <Panel
        title="Roles and permissions"
        note={`${plural(roles.length, 'role')}, ${plural(permissions.length, 'permission')}`}
        flush
      >
        <div className="border-t border-line px-4 py-2.5">
          <Legend />
        </div>
        <div className="max-md:hidden">
          <MatrixTable policy={policy} onOpen={open} />
        </div>
        <div className="md:hidden">
          <RoleList policy={policy} onOpen={open} />
        </div>
      </Panel>
      <div className="grid items-start gap-4 md:grid-cols-2">
        <Rules policy={policy} />
        <Coverage policy={policy} />
      </div>
      {role !== undefined && at !== -1 && permission !== undefined && (
        <CellDialog
          key={`${role.role} ${permission}`}
          policy={policy}
          role={role}
          at={at}
          // The role stays: on a phone it is the one whose list is open.
          onClose={() => change(name === undefined ? rest : { ...rest, role: name }, true)}
        />
      )}
    </div>
  );
}

/** Which roles exclude each other, and which take two people. */
function Rules({ policy }: { readonly policy: RolesAnswer }): ReactNode {
  const approval = policy.roles.filter(({ needsApproval }) => needsApproval);
  return (
    <Panel title="Rules of assignment">
      <div className="space-y-3 text-sm">
        {policy.separate.length === 0 ? (
          <p className="text-mute">No two roles exclude each other.</p>
        ) : (
          <ul className="space-y-2">
            {policy.separate.map(({ roles: [one, other], reason }) => (
              <li key={`${one} ${other}`}>
                <p className="flex flex-wrap items-center gap-1.5">
                  <RoleTag role={one} /> <span className="text-mute">never with</span>{' '}
                  <RoleTag role={other} />
                </p>
                <p className="mt-0.5 text-xs text-mute">{reason}</p>
              </li>
            ))}
          </ul>
        )}
        {approval.length > 0 && (
          <p className="flex flex-wrap items-center gap-1.5 border-t border-line pt-3">
            <span className="text-mute">Needs a second person:</span>
            {approval.map(({ role }) => (
              <RoleTag key={role} role={role} />
            ))}
          </p>
        )}
      </div>
    </Panel>
  );
}

/** What the policy does not speak of. */
function Coverage({ policy }: { readonly policy: RolesAnswer }): ReactNode {
  const { unlisted, rulesWithoutAccess, policyVersion } = policy;
  return (
    <Panel title="Coverage">
      <div className="space-y-3 text-sm">
        <p>
          Requests whose route has no rule are{' '}
          <strong className="font-medium">{unlisted === 'deny' ? 'refused' : 'let through'}</strong>.
        </p>
        {rulesWithoutAccess.length > 0 && (
          <div>
            <p className="text-mute">Routes whose rule says nothing of access:</p>
            <ul className="mt-1 flex flex-wrap gap-1.5">
              {rulesWithoutAccess.map((route) => (
                <li key={route}>
                  <Code>{route}</Code>
                </li>
              ))}
            </ul>
          </div>
        )}
        <p className="text-xs break-all text-faint">
          Policy <span className="font-mono">{policyVersion}</span>
        </p>
      </div>
    </Panel>
  );
}
