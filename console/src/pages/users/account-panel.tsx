import type { ReactNode } from 'react';
import type { UserAnswer } from '../../../../src/server/api/user-types.ts';
import { copy } from '../../state/view.ts';
import { Panel } from '../../ui/parts.tsx';
import { When } from '../../ui/when.tsx';

/** Dates and marks of the account itself. */
export function Account({ user }: { readonly user: UserAnswer['user'] }): ReactNode {
  const lines: readonly (readonly [string, ReactNode])[] = [
    ['Created', <When key="created" atMs={user.createdAtMs} look="full" />],
    ['Last sign-in', moment(user.lastSignInAtMs, 'never')],
    ['Mail verified', moment(user.emailVerifiedAtMs, 'not yet')],
    ['Password set', moment(user.passwordChangedAtMs, 'not yet')],
    ['Second factor', user.mfaEnforced ? 'demanded by a role' : 'a choice of the owner'],
    ['Language', user.locale],
  ];
  return (
    <Panel title="Account">
      <dl className="space-y-1.5 text-sm">
        {lines.map(([name, value]) => (
          <div key={name} className="flex justify-between gap-4">
            <dt className="text-faint">{name}</dt>
            <dd className="text-right">{value}</dd>
          </div>
        ))}
        <div className="flex justify-between gap-4">
          <dt className="text-faint">Identifier</dt>
          <dd className="min-w-0">
            <button
              type="button"
              title="Copy"
              onClick={() => void copy(user.id, 'Identifier')}
              className="block max-w-full truncate rounded-sm font-mono text-xs leading-5 text-mute hover:text-ink"
            >
              {user.id}
            </button>
          </dd>
        </div>
      </dl>
    </Panel>
  );
}

function moment(atMs: number | null, never: string): ReactNode {
  return atMs === null ? <span className="text-mute">{never}</span> : <When atMs={atMs} />;
}
