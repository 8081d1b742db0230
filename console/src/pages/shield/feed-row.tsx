import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { updateFeed } from '../../api/shield.ts';
import type { FeedEntry, FeedState } from '../../api/shield.ts';
import { bytes, plural } from '../../format/number.ts';
import { duration } from '../../format/time.ts';
import { withFreshProof } from '../../state/step-up.ts';
import { Refusal } from '../../ui/ask-dialog.tsx';
import { Button } from '../../ui/parts.tsx';
import { toast } from '../../ui/toast.tsx';
import { HealthGlyph } from '../../ui/verdict.tsx';
import type { HealthState } from '../../ui/verdict.tsx';
import { useNow, When } from '../../ui/when.tsx';
import { ageWords, updateWords } from './words.ts';

const LOOK: Readonly<Record<FeedState, readonly [HealthState, string, string]>> = {
  current: ['ok', 'Current', 'text-mute'],
  stale: ['degraded', 'Stale', 'font-medium text-challenged-text'],
  missing: ['degraded', 'Missing', 'font-medium text-challenged-text'],
  failed: ['down', 'Failed', 'font-medium text-blocked-text'],
};
const KIND: Readonly<Record<FeedEntry['kind'], string>> = {
  list: 'list of networks',
  mmdb: 'database of addresses',
  bots: 'ranges of bots',
  disposable: 'disposable mail domains',
};

/** A feed: where it comes from, how old it is in honest words, and its update. */
export function FeedRow({
  feed,
  against,
}: {
  readonly feed: FeedEntry;
  readonly against: string | null;
}): ReactNode {
  const now = useNow(10_000);
  const { name, kind, source, state, entries, error, terms, staleAfterMs } = feed;
  const [glyph, word, look] = LOOK[state];
  const size = [
    entries === null ? null : plural(entries, 'entry', 'entries'),
    feed.bytes === null ? null : bytes(feed.bytes),
  ].filter((one) => one !== null);
  const update = useUpdate(feed);
  return (
    <li
      data-row
      aria-label={name}
      className="border-b border-line px-4 py-3 text-sm last:border-0 hover:bg-hover"
    >
      <div className="flex flex-wrap items-start gap-x-6 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <p className="flex flex-wrap items-baseline gap-x-2">
            <span className="font-medium break-all">{name}</span>
            <span className="text-xs text-mute">{KIND[kind]}</span>
          </p>
          <p className="text-xs break-all text-faint">{source ?? 'put in place by hand'}</p>
          {terms !== null && <p className="text-xs text-faint">Terms: {terms}</p>}
        </div>
        <div className="min-w-0 basis-60 max-sm:basis-full">
          <p className="flex items-center gap-1.5">
            <HealthGlyph state={glyph} className="size-2.5" />
            <span className={look}>{word}</span>
            <span className="text-xs text-faint numeric">{size.join(', ')}</span>
          </p>
          <p className="text-xs text-mute numeric">{ageWords(feed, now)}</p>
          <p className="text-xs text-faint numeric">
            <Next feed={feed} />
            {state === 'stale' && `; too old from ${duration(staleAfterMs, 1)} on`}
          </p>
        </div>
        <Button
          small
          data-row
          disabled={against !== null || source === null || update.isPending}
          aria-label={update.isPending ? `Updating… ${name}` : `Update now: ${name}`}
          onClick={() => update.mutate()}
        >
          {update.isPending ? 'Updating…' : 'Update now'}
        </Button>
      </div>
      {error !== null && (
        <p className="mt-2 rounded-lg bg-blocked-tint px-3 py-2 text-xs break-words text-blocked-text">
          {error}
        </p>
      )}
      {update.error && (
        <div className="mt-2 text-xs">
          <Refusal error={update.error} />
        </div>
      )}
    </li>
  );
}

function useUpdate(feed: FeedEntry) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => withFreshProof(() => updateFeed(feed)),
    onSuccess: (after) => toast(updateWords(feed, after)),
    onSettled: () => client.invalidateQueries({ queryKey: ['feeds'] }),
  });
}

function Next({ feed: { nextAtMs, everyMs } }: { readonly feed: FeedEntry }): ReactNode {
  if (nextAtMs === null) return 'not asked for by itself';
  return (
    <>
      next <When atMs={nextAtMs} />
      {everyMs !== null && `, every ${duration(everyMs, 1)}`}
    </>
  );
}
