import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { FollowedAnswer } from '../../../../src/server/api/response-types.ts';
import { followedQuery } from '../../api/followed.ts';
import { Panel } from '../../ui/parts.tsx';
import { SeverityMark } from '../../ui/verdict.tsx';
import { When } from '../../ui/when.tsx';
import { StateBadge } from './parts.tsx';
import { ResponseLine } from './linked-responses.tsx';

const LINK = 'row-link min-w-0 rounded-sm break-words';

/** Alerts and responses that came of a decision or of an event; nothing where nothing did, or it cannot be read. */
export function Followed({
  of,
  id,
}: {
  readonly of: 'decisions' | 'events';
  readonly id: string;
}): ReactNode {
  const { data } = useQuery(followedQuery(of, id));
  if (data === undefined || data.alerts.length + data.responses.length === 0) return null;
  const { alerts, responses } = data;
  return (
    <Panel title="What came of it" flush>
      <ul className="border-t border-line">
        {alerts.map((one) => (
          <AlertLine key={one.alert.id} found={one} />
        ))}
        {responses.map((entry) => (
          <ResponseLine key={entry.id} entry={entry} />
        ))}
      </ul>
    </Panel>
  );
}

function AlertLine({
  found: { alert, isNamed },
}: {
  readonly found: FollowedAnswer['alerts'][number];
}): ReactNode {
  const { id, title, severity, state, lastAtMs } = alert;
  return (
    <li
      data-row
      className="relative flex flex-wrap items-baseline gap-x-4 gap-y-0.5 border-b border-line px-4 py-2 text-sm last:border-0 hover:bg-hover"
    >
      <span className="flex min-w-0 flex-1 basis-64 flex-wrap items-baseline gap-x-2.5">
        <SeverityMark severity={severity} />
        <Link to="/alerts/$id" params={{ id }} preload={false} className={LINK}>
          {title}
        </Link>
        {!isNamed && (
          <span className="text-xs text-faint" title="An alert names its newest events alone">
            same caller, at that time
          </span>
        )}
      </span>
      <StateBadge state={state} />
      <span className="text-xs text-mute">
        <When atMs={lastAtMs} />
      </span>
    </li>
  );
}
