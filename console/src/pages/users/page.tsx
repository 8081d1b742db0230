import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { UserAnswer } from '../../../../src/server/api/user-types.ts';
import { ApiError } from '../../api/client.ts';
import { carryUserFilter, useReasonAgainst, userQuery, useSession } from '../../api/identity.ts';
import { useCommand } from '../../keys/commands.ts';
import { askToBlock } from '../../state/block-ask.ts';
import { Button, Empty, Skeleton } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { When } from '../../ui/when.tsx';
import { ActButton } from './act-button.tsx';
import type { ActPort } from './act-button.tsx';
import { ActDialog } from './act-dialog.tsx';
import type { Asked } from './act-dialog.tsx';
import { Attempts, Devices, FactorPanel } from './factor-panels.tsx';
import { Account } from './account-panel.tsx';
import { History, UserEvents } from './history.tsx';
import { Sessions } from './sessions.tsx';
import { RoleList, StatusBadge } from './status.tsx';
import { reasonAgainst } from './words.ts';

/** One account: what it is, where it is signed in, what it proves itself with, and what has happened to it. */
export function UserPage(): ReactNode {
  const { id } = useParams({ from: '/shell/users/$id' });
  const query = useQuery(userQuery(id));
  const navigate = useNavigate();
  useCommand('back', () => void navigate({ to: '/users', search: carryUserFilter }));
  const isGone = query.error instanceof ApiError && query.error.status === 404;
  return (
    <>
      <Link
        to="/users"
        search={carryUserFilter}
        className="mb-2 inline-flex items-center gap-1 rounded-sm text-sm text-mute hover:text-ink"
      >
        <ChevronLeft aria-hidden="true" className="size-4" />
        Users
      </Link>
      {isGone ? (
        <Empty title="There is no such user">No account has the identifier {id}.</Empty>
      ) : (
        <Loaded query={query} skeleton={<Waiting />}>
          {(answer) => <Content key={id} answer={answer} />}
        </Loaded>
      )}
    </>
  );
}

function Content({ answer }: { readonly answer: UserAnswer }): ReactNode {
  const [asked, setAsked] = useState<Asked | null>(null);
  const { email } = useSession();
  const role = useReasonAgainst('administrator');
  const port: ActPort = { ask: setAsked, against: (kind) => role ?? reasonAgainst(kind, answer, email) };
  return (
    <>
      <Head answer={answer} port={port} reason={role} />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem] xl:grid-cols-[minmax(0,1fr)_23rem]">
        <div className="space-y-4">
          <Sessions answer={answer} port={port} />
          <History entries={answer.history} />
          <UserEvents events={answer.events} />
        </div>
        <div className="space-y-4 max-lg:row-start-1">
          <Account user={answer.user} />
          <FactorPanel answer={answer} port={port} />
          <Attempts attempts={answer.attempts} />
          <Devices devices={answer.devices} />
        </div>
      </div>
      {asked !== null && <ActDialog asked={asked} answer={answer} onClose={() => setAsked(null)} />}
    </>
  );
}

function Head({
  answer,
  port,
  reason,
}: {
  readonly answer: UserAnswer;
  readonly port: ActPort;
  readonly reason: string | null;
}): ReactNode {
  const { user, attempts } = answer;
  const isHeld =
    user.status === 'locked' || attempts.some((one) => one.disabled || one.blockedUntilMs !== null);
  return (
    <div className="mb-5">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-3">
        <div className="min-w-0 flex-1 basis-64">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h1 className="text-lg font-semibold tracking-tight break-words">{user.name || user.email}</h1>
            <StatusBadge status={user.status} />
          </div>
          <p className="mt-0.5 text-sm break-all text-mute">
            {user.name === '' ? 'No name given' : user.email}
          </p>
          <div className="mt-2">
            <RoleList roles={user.roles} />
          </div>
        </div>
        <div className="flex flex-wrap gap-2">
          <ActButton port={port} kind="roles" label="Change roles…" />
          <ActButton port={port} kind="require-reset" label="Require new password…" />
          {isHeld && <ActButton port={port} kind="unlock" label="Unlock…" />}
          {user.status !== 'locked' && <ActButton port={port} kind="lock" label="Lock…" isGrave />}
          <Button onClick={() => askToBlock(`user:${user.id}`)}>Block…</Button>
        </div>
      </div>
      {reason !== null && <p className="mt-3 text-xs text-faint">{reason}</p>}
      {user.status === 'locked' && (
        <p className="mt-4 rounded-lg bg-blocked-tint px-3 py-2 text-sm text-blocked-text">
          Locked{' '}
          {user.lockedUntilMs === null ? (
            'until somebody unlocks it'
          ) : (
            <>
              until <When atMs={user.lockedUntilMs} look="full" />
            </>
          )}
          {user.lockedReason !== null && <>: {user.lockedReason}</>}
        </p>
      )}
      {user.mustReset && (
        <p className="mt-4 rounded-lg bg-challenged-tint px-3 py-2 text-sm text-challenged-text">
          A new password must be set before this account signs in again.
        </p>
      )}
    </div>
  );
}

function Waiting(): ReactNode {
  return (
    <div role="status">
      <span className="sr-only">Loading</span>
      <Skeleton className="mb-6 h-16 w-72 max-w-full" />
      <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <Skeleton className="h-96 rounded-xl" />
        <Skeleton className="h-96 rounded-xl" />
      </div>
    </div>
  );
}
