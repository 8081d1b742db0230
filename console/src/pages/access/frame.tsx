import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ShieldCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import type { RolesAnswer } from '../../../../src/server/api/access-types.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { Code, Empty, PageHead, Panel, Skeleton } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { isWithoutPolicy, rolesQuery } from './api.ts';

const PARTS = [
  { to: '/access', label: 'Roles' },
  { to: '/access/who-can', label: 'Who can' },
  { to: '/access/assignments', label: 'Assignments' },
  { to: '/access/reviews', label: 'Reviews' },
  { to: '/access/programs', label: 'Programs' },
] as const;

/** What all pages of access share: the heading, the way between them, and the policy that they speak of. */
export function AccessFrame({
  actions,
  children,
}: {
  readonly actions?: ReactNode;
  readonly children: (policy: RolesAnswer) => ReactNode;
}): ReactNode {
  const against = useReasonAgainst('analyst');
  return (
    <>
      <PageHead title="Access">{against === null && actions}</PageHead>
      <nav
        aria-label="Access"
        className="-mx-4 mb-4 overflow-x-auto border-b border-line px-4 quiet-scroll sm:mx-0 sm:px-0"
      >
        <ul className="flex gap-1 max-sm:gap-0">
          {PARTS.map(({ to, label }) => (
            <li key={to}>
              <Link
                to={to}
                activeOptions={{ exact: to === '/access', includeSearch: false }}
                className="-mb-px flex h-9 items-center rounded-t-md border-b-2 border-transparent px-2.5 max-sm:px-1.5 text-sm font-medium whitespace-nowrap text-mute hover:text-ink focus-visible:-outline-offset-2 aria-[current=page]:border-solid aria-[current=page]:text-ink"
              >
                {label}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {against === null ? (
        <Policy>{children}</Policy>
      ) : (
        <Empty icon={<ShieldCheck className="size-4" />} title="Not for your role">
          {against}
        </Empty>
      )}
    </>
  );
}

function Policy({ children }: { readonly children: (policy: RolesAnswer) => ReactNode }): ReactNode {
  const query = useQuery(rolesQuery);
  if (query.data === undefined && isWithoutPolicy(query.error)) {
    return (
      <Panel title="Policy" flush>
        <div className="border-t border-line">
          <Empty icon={<ShieldCheck className="size-4" />} title="No access policy is configured">
            Declare roles and permissions with <Code>defineAccess</Code> and hand them to the server as{' '}
            <Code>access</Code>. They are shown, asked and assigned here then.
          </Empty>
        </div>
      </Panel>
    );
  }
  return (
    <Loaded
      query={query}
      skeleton={
        <div role="status">
          <span className="sr-only">Loading</span>
          <Skeleton className="h-96 rounded-xl" />
        </div>
      }
    >
      {children}
    </Loaded>
  );
}
