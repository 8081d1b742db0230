import { useInfiniteQuery } from '@tanstack/react-query';
import { UserPlus, Users } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { ApiError } from '../../api/client.ts';
import { userFilterOf, usersKey, usersPage, useReasonAgainst } from '../../api/identity.ts';
import type { UserFilter } from '../../api/identity.ts';
import { plural } from '../../format/number.ts';
import { useView } from '../../state/view.ts';
import { More } from '../../ui/more.tsx';
import { Button, Empty, PageHead, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Failure, Stale } from '../../ui/state.tsx';
import { UserFilters } from './filters.tsx';
import { InviteDialog } from './invite.tsx';
import { UserTable } from './table.tsx';

/** Who has an account, and in what state it is. */
export function UsersPage(): ReactNode {
  const { search, change } = useView();
  const [isInviting, setInviting] = useState(false);
  const against = useReasonAgainst('administrator');
  const isAsked = search.tab === 'invite';
  useEffect(() => {
    if (isAsked && against === null) setInviting(true);
  }, [isAsked, against]);
  const close = (): void => {
    setInviting(false);
    const { tab: _, ...rest } = search;
    if (isAsked) change(rest, true);
  };
  return (
    <>
      <PageHead title="Users">
        <Button
          look="solid"
          disabled={against !== null}
          title={against ?? undefined}
          onClick={() => setInviting(true)}
        >
          <UserPlus aria-hidden="true" className="size-4" />
          Invite a user
        </Button>
      </PageHead>
      {against !== null && <p className="-mt-2 mb-3 text-xs text-faint">{against}</p>}
      <UserList onInvite={against === null ? () => setInviting(true) : null} />
      {isInviting && <InviteDialog onClose={close} />}
    </>
  );
}

function UserList({ onInvite }: { readonly onInvite: (() => void) | null }): ReactNode {
  const { search } = useView();
  const filter = userFilterOf(search);
  const query = useInfiniteQuery({
    queryKey: usersKey(filter),
    queryFn: ({ pageParam, signal }) => usersPage(filter, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: (before) => before,
  });
  const users = query.data?.pages.flatMap((page) => page.users);
  const isElsewhere = query.error instanceof ApiError && query.error.status === 404;
  const total = query.data?.pages.at(-1)?.total;
  return (
    <Panel
      title="Accounts"
      note={<span role="status">{total === undefined || total === 0 ? '' : countWords(total, filter)}</span>}
      actions={<UserFilters />}
      flush
    >
      <div className="min-h-80 border-t border-line">
        {users === undefined ? (
          isElsewhere ? (
            <Empty icon={<Users className="size-4" />} title="Accounts are kept elsewhere">
              This server signs nobody in by itself: the application has a login of its own.
            </Empty>
          ) : query.error ? (
            <Failure error={query.error} retry={() => void query.refetch()} />
          ) : (
            <SkeletonRows rows={8} height="h-14" />
          )
        ) : users.length === 0 ? (
          <Nobody filter={filter} onInvite={onInvite} />
        ) : (
          <>
            {query.error && <Stale atMs={query.dataUpdatedAt} />}
            <UserTable users={users} />
          </>
        )}
      </div>
      <More query={query} />
    </Panel>
  );
}

function isNarrow({ q, status, role }: UserFilter): boolean {
  return q !== '' || status !== '' || role !== '';
}

function countWords(total: number, filter: UserFilter): string {
  return isNarrow(filter) ? `${plural(total, 'account')} found` : `${plural(total, 'account')}, newest first`;
}

function Nobody({
  filter,
  onInvite,
}: {
  readonly filter: UserFilter;
  readonly onInvite: (() => void) | null;
}): ReactNode {
  const view = useView();
  if (isNarrow(filter)) {
    const { q: _q, status: _status, role: _role, ...rest } = view.search;
    return (
      <Empty icon={<Users className="size-4" />} title="Nobody fits">
        Names and mail addresses are searched for the letters as you type them.
        <div className="mt-4">
          <Button onClick={() => view.change(rest)}>Show everybody</Button>
        </div>
      </Empty>
    );
  }
  return (
    <Empty icon={<Users className="size-4" />} title="Nobody has an account yet">
      Accounts come about when people sign up, or when you invite them: a mail brings them a link by which
      they choose a password.
      {onInvite !== null && (
        <div className="mt-4">
          <Button onClick={onInvite}>Invite a user</Button>
        </div>
      )}
    </Empty>
  );
}
