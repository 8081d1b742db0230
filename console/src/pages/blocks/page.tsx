import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Ban, Plus } from 'lucide-react';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import type { BlockEntry, BlocksAnswer } from '../../../../src/server/api/types.ts';
import { api } from '../../api/client.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { blocksQuery } from '../../api/queries.ts';
import { BLOCK_KINDS, BLOCK_WORDS, filterOfTarget, splitTarget } from '../../format/block.ts';
import { plural, whole } from '../../format/number.ts';
import { countdown } from '../../format/time.ts';
import { askToBlock } from '../../state/block-ask.ts';
import { useView } from '../../state/view.ts';
import { Button, Empty, PageHead, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { toast } from '../../ui/toast.tsx';
import { useNow, When } from '../../ui/when.tsx';

/** Who is kept out, why, by whom, and for how much longer. */
export function BlocksPage(): ReactNode {
  const query = useQuery(blocksQuery);
  const { search } = useView();
  const against = useReasonAgainst('analyst');
  const isAsked = search.tab === 'add';
  useEffect(() => {
    if (isAsked) askToBlock('');
  }, [isAsked]);
  return (
    <>
      <PageHead title="Blocks">
        <Button
          look="solid"
          disabled={against !== null}
          title={against ?? undefined}
          onClick={() => askToBlock('')}
        >
          <Plus aria-hidden="true" className="size-4" />
          Block…
        </Button>
      </PageHead>
      {against !== null && <p className="-mt-2 mb-3 text-xs text-faint">{against}</p>}
      <Panel
        title="In force"
        note={query.data ? plural(query.data.blocks.length, 'block') : undefined}
        actions={query.data && query.data.blocks.length > 0 && <KindFilter blocks={query.data.blocks} />}
        flush
      >
        <div className="min-h-80 border-t border-line">
          <Loaded query={query} skeleton={<SkeletonRows rows={6} height="h-14" />}>
            {({ blocks }) =>
              blocks.length === 0 ? (
                <Empty icon={<Ban className="size-4" />} title="Nobody is blocked">
                  Block an address, a network, a country, a user, a session or a device here, or from any
                  decision. A block ends by itself after the time you give it.
                </Empty>
              ) : (
                <Table
                  blocks={blocks.filter((block) => search.kind === undefined || block.kind === search.kind)}
                />
              )
            }
          </Loaded>
        </div>
      </Panel>
    </>
  );
}

/** Kinds that are there, with their numbers; the choice stands in the address. */
function KindFilter({ blocks }: { readonly blocks: readonly BlockEntry[] }): ReactNode {
  const { search, change } = useView();
  const counts = new Map<string, number>();
  for (const { kind } of blocks) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const shown = BLOCK_KINDS.filter((kind) => counts.has(kind) || kind === search.kind);
  return (
    <select
      aria-label="Kind"
      value={search.kind ?? ''}
      className="h-7 rounded-md border border-edge bg-panel px-2 text-xs font-medium hover:bg-hover"
      onChange={(event) => {
        const { kind: _kind, ...rest } = search;
        change(event.target.value === '' ? rest : { ...rest, kind: event.target.value });
      }}
    >
      <option value="">All kinds</option>
      {shown.map((kind) => (
        <option key={kind} value={kind}>
          {BLOCK_WORDS[kind].plural} ({counts.get(kind) ?? 0})
        </option>
      ))}
    </select>
  );
}

const HEAD = 'px-2 py-2 text-left text-xs font-medium text-faint first:pl-4 last:pr-4';
const CELL = 'px-2 py-2.5 first:pl-4 last:pr-4';

function Table({ blocks }: { readonly blocks: readonly BlockEntry[] }): ReactNode {
  const remove = useRemove();
  const may = useReasonAgainst('analyst') === null;
  return (
    <table className="w-full text-sm">
      <caption className="sr-only">Blocks in force</caption>
      <thead>
        <tr className="border-b border-line">
          <th scope="col" className={HEAD}>
            Target
          </th>
          <th scope="col" className={`${HEAD} max-md:hidden`}>
            Reason
          </th>
          <th scope="col" className={`${HEAD} max-md:hidden`}>
            By
          </th>
          <th scope="col" className={`${HEAD} text-right max-sm:hidden`}>
            Refused
          </th>
          <th scope="col" className={HEAD}>
            Time left
          </th>
          <th scope="col" className={HEAD}>
            <span className="sr-only">Remove</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {blocks.map((block) => (
          <Row key={block.id} block={block} onRemove={may ? () => remove.mutate(block) : null} />
        ))}
      </tbody>
    </table>
  );
}

function Row({
  block,
  onRemove,
}: {
  readonly block: BlockEntry;
  readonly onRemove: (() => void) | null;
}): ReactNode {
  const { target, reason, createdBy, createdAtMs, hits } = block;
  const filter = filterOfTarget(target);
  const { value } = splitTarget(target);
  return (
    <tr
      className="border-b border-line last:border-0 hover:bg-hover"
      {...(filter === null ? {} : { 'data-value': filter })}
    >
      <td className={`${CELL} max-w-0 sm:w-[26%] max-md:w-1/2`}>
        <span className="block text-xs text-faint">{BLOCK_WORDS[block.kind].name}</span>
        {filter === null ? (
          <span data-row tabIndex={-1} className="block truncate font-medium numeric" title={target}>
            {value}
          </span>
        ) : (
          <Link
            data-row
            to="/decisions"
            search={{ range: '24h', filter: [filter] }}
            title={target}
            className="block truncate rounded-sm font-medium numeric hover:underline hover:underline-offset-4"
          >
            {value}
          </Link>
        )}
        <span className="block truncate text-xs text-mute md:hidden">{reason}</span>
      </td>
      <td className={`${CELL} max-w-0 truncate text-mute max-md:hidden md:w-[34%]`} title={reason}>
        {reason}
      </td>
      <td className={`${CELL} whitespace-nowrap text-mute max-md:hidden`}>
        {createdBy}
        <span className="block text-xs text-faint">
          <When atMs={createdAtMs} />
        </span>
      </td>
      <td className={`${CELL} text-right max-sm:hidden`}>{whole(hits)}</td>
      <td className={CELL}>
        <TimeLeft block={block} />
      </td>
      <td className={`${CELL} text-right`}>
        <Button
          small
          disabled={onRemove === null}
          onClick={onRemove ?? undefined}
          aria-label={`Remove the block of ${target}`}
        >
          Remove
        </Button>
      </td>
    </tr>
  );
}

/** Counts down, with a bar for the share that is left. */
function TimeLeft({ block }: { readonly block: BlockEntry }): ReactNode {
  const now = useNow(1000);
  const { createdAtMs, expiresAtMs } = block;
  if (expiresAtMs === null) return <span className="text-mute">For ever</span>;
  const left = expiresAtMs - now;
  if (left <= 0) return <span className="text-faint">Ended</span>;
  return (
    <div className="w-20 sm:w-28">
      <span className="whitespace-nowrap numeric">{countdown(left)}</span>
      <span aria-hidden="true" data-bar className="mt-1 block h-1 overflow-hidden rounded-full bg-sunken">
        <span
          className="block h-full rounded-full bg-blocked"
          style={{ width: `${Math.min(100, (left / Math.max(1, expiresAtMs - createdAtMs)) * 100)}%` }}
        />
      </span>
    </div>
  );
}

/** Takes the row away at once; it comes back by undo, or when the server refuses. */
function useRemove() {
  const client = useQueryClient();
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: blocksQuery.queryKey });
  const restore = async ({ id, target }: BlockEntry): Promise<void> => {
    try {
      await api(`/admin/blocks/${encodeURIComponent(id)}/restore`, { method: 'POST' });
      toast(`${target} is blocked again`);
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error));
    }
    await refresh();
  };
  return useMutation({
    mutationFn: ({ id }: BlockEntry) => api(`/admin/blocks/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    onMutate: async ({ id }) => {
      await client.cancelQueries({ queryKey: blocksQuery.queryKey });
      client.setQueryData<BlocksAnswer>(blocksQuery.queryKey, (old) =>
        old === undefined ? old : { blocks: old.blocks.filter((one) => one.id !== id) },
      );
    },
    onSuccess: (_, block) =>
      toast(`${block.target} is no longer blocked`, { label: 'Undo', run: () => void restore(block) }),
    onError: (error) => toast(error.message),
    onSettled: refresh,
  });
}
