import { useQuery } from '@tanstack/react-query';
import { Rss } from 'lucide-react';
import type { ReactNode } from 'react';
import { useReasonAgainst } from '../../api/identity.ts';
import { feedsQuery, isAbsent } from '../../api/shield.ts';
import type { FeedEntry } from '../../api/shield.ts';
import { plural } from '../../format/number.ts';
import { Code, Empty, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { FeedRow } from './feed-row.tsx';
import { ShieldFrame } from './frame.tsx';

/** Files that the shield reads and that are brought up to date from somewhere: how old they are, and why. */
export function Feeds(): ReactNode {
  const query = useQuery(feedsQuery);
  const against = useReasonAgainst('administrator');
  return (
    <ShieldFrame tab="feeds">
      {against !== null && <p className="mb-3 text-xs text-faint">{against}</p>}
      <Panel title="Feeds" note={query.data && noteOf(query.data.feeds)} flush>
        <div className="min-h-48 border-t border-line">
          {query.data === undefined && isAbsent(query.error) ? (
            <Nothing />
          ) : (
            <Loaded query={query} skeleton={<SkeletonRows rows={5} height="h-16" />}>
              {({ feeds }) =>
                feeds.length === 0 ? (
                  <Nothing />
                ) : (
                  <ul>
                    {feeds.map((feed) => (
                      <FeedRow key={feed.name} feed={feed} against={against} />
                    ))}
                  </ul>
                )
              }
            </Loaded>
          )}
        </div>
      </Panel>
    </ShieldFrame>
  );
}

function noteOf(feeds: readonly FeedEntry[]): string | undefined {
  if (feeds.length === 0) return undefined;
  const troubled = feeds.filter(({ state }) => state !== 'current').length;
  return troubled === 0
    ? 'all current, as this node has them'
    : `${plural(troubled, 'feed needs', 'feeds need')} a look`;
}

function Nothing(): ReactNode {
  return (
    <Empty icon={<Rss className="size-4" />} title="No feeds are configured">
      Lists of networks, places of addresses, ranges of bots and disposable mail domains can be kept current
      by themselves: name them under <Code>shield.feeds</Code>.
    </Empty>
  );
}
