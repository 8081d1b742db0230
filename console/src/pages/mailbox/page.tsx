import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Mailbox } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { MailboxMessage } from '../../../../src/server/api/user-types.ts';
import { api, ApiError } from '../../api/client.ts';
import { refusalWords } from '../../api/faults.ts';
import { MAILBOX_POLL, mailboxKey, mailboxPage } from '../../api/identity.ts';
import { useCommand } from '../../keys/commands.ts';
import { plural } from '../../format/number.ts';
import { useView } from '../../state/view.ts';
import { Modal } from '../../ui/overlay.tsx';
import { Button, Code, Empty, PageHead, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Failure, Stale } from '../../ui/state.tsx';
import { toast } from '../../ui/toast.tsx';
import { MessageList } from './list.tsx';
import { Reader } from './reader.tsx';

/** Mails and SMS that would have been sent: they are kept here while nothing is configured to send them. */
export function MailboxPage(): ReactNode {
  const query = useInfiniteQuery({
    queryKey: mailboxKey,
    queryFn: ({ pageParam, signal }) => mailboxPage(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    ...MAILBOX_POLL,
  });
  const messages = query.data?.pages.flatMap((page) => page.messages);
  const isElsewhere = query.error instanceof ApiError && query.error.status === 404;
  return (
    <>
      <PageHead title="Mailbox">
        {messages !== undefined && messages.length > 0 && <EmptyButton count={messages.length} />}
      </PageHead>
      {messages === undefined || messages.length === 0 ? (
        <Panel title="Messages" flush>
          <div className="min-h-80 border-t border-line">
            {isElsewhere ? (
              <Empty icon={<Mailbox className="size-4" />} title="Mails are sent from here">
                This server has a mail server to send through, so it keeps no mailbox.
              </Empty>
            ) : query.error && messages === undefined ? (
              <Failure error={query.error} retry={() => void query.refetch()} />
            ) : messages === undefined ? (
              <SkeletonRows rows={6} height="h-14" />
            ) : (
              <NothingYet />
            )}
          </div>
        </Panel>
      ) : (
        <>
          {query.error && <Stale atMs={query.dataUpdatedAt} />}
          <Panes
            messages={messages}
            more={
              query.hasNextPage && (
                <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  Show older
                </Button>
              )
            }
          />
        </>
      )}
    </>
  );
}

function NothingYet(): ReactNode {
  return (
    <Empty icon={<Mailbox className="size-4" />} title="No mail yet">
      No mail server is configured, so mails and SMS are kept here instead of being sent: links to verify an
      address, codes, notices. Sign up or invite a user, and the mail appears.
      <p className="mt-3">
        To send them, set <Code>RAMPART_SMTP_URL</Code>, as in{' '}
        <Code>smtps://user:password@mail.example.org</Code>; this page then goes away.
      </p>
    </Empty>
  );
}

function Panes({
  messages,
  more,
}: {
  readonly messages: readonly MailboxMessage[];
  readonly more: ReactNode;
}): ReactNode {
  const { search, change } = useView();
  const chosen = messages.find(({ id }) => id === search.tab);
  // On phones the list is a page of its own; where both fit, the newest is open.
  const shown = chosen ?? messages[0];
  const close = (): void => {
    const { tab: _, ...rest } = search;
    change(rest);
  };
  useCommand('back', close, chosen !== undefined);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[22rem_minmax(0,1fr)]">
      <div className={chosen === undefined ? '' : 'max-lg:hidden'}>
        <MessageList
          messages={messages}
          shown={shown?.id}
          onShow={(id) => change({ ...search, tab: id }, chosen !== undefined)}
          more={more}
        />
      </div>
      <div className={chosen === undefined ? 'max-lg:hidden' : ''}>
        {shown && <Reader key={shown.id} message={shown} onBack={close} />}
      </div>
    </div>
  );
}

/** Emptying can't be undone, so it asks. */
function EmptyButton({ count }: { readonly count: number }): ReactNode {
  const client = useQueryClient();
  const { search, change } = useView();
  const [isAsking, setAsking] = useState(false);
  const empty = useMutation({
    mutationFn: () => api('/admin/mailbox', { method: 'DELETE' }),
    onSuccess: () => {
      setAsking(false);
      toast('The mailbox is empty');
      const { tab: _, ...rest } = search;
      change(rest, true);
    },
    onSettled: () => client.resetQueries({ queryKey: mailboxKey }),
  });
  return (
    <>
      <Button onClick={() => setAsking(true)}>Empty…</Button>
      {isAsking && (
        <Modal title="Empty the mailbox" onClose={() => setAsking(false)}>
          <p className="text-sm">
            All messages are deleted, the {plural(count, 'one')} shown here and older ones. Links and codes in
            them go on working until they run out.
          </p>
          {empty.error && (
            <p role="alert" className="mt-3 text-sm text-blocked-text">
              {refusalWords(empty.error)}
            </p>
          )}
          <div className="mt-5 flex justify-end gap-2">
            <Button data-first="" onClick={() => setAsking(false)}>
              Cancel
            </Button>
            <Button look="danger" disabled={empty.isPending} onClick={() => empty.mutate()}>
              Empty the mailbox
            </Button>
          </div>
        </Modal>
      )}
    </>
  );
}
