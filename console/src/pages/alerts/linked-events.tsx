import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { AlertAnswer } from '../../api/alerts.ts';
import { aboutWords } from '../../format/about.ts';
import { Button, Panel } from '../../ui/parts.tsx';
import { SeverityMark } from '../../ui/verdict.tsx';
import { When } from '../../ui/when.tsx';
import { useState } from 'react';

const FIRST = 6;

/** The events behind an alert, newest first, and the decisions that they are about. */
export function LinkedEvents({ events }: { readonly events: AlertAnswer['events'] }): ReactNode {
  const [all, setAll] = useState(false);
  const shown = all ? events : events.slice(0, FIRST);
  return (
    <Panel
      title="Events"
      note={events.length === 0 ? 'no longer kept' : 'the newest that are kept'}
      actions={
        <Link
          to="/events"
          className="rounded-sm text-xs text-mute hover:text-ink hover:underline hover:underline-offset-4"
        >
          All events
        </Link>
      }
      flush
    >
      <ul className="border-t border-line">
        {shown.map(({ id, severity, about, type, address, actor, decision, atMs }) => (
          <li key={id} className="border-b border-line px-4 py-2 text-sm last:border-0">
            <p className="flex items-start gap-x-3">
              <Link
                to="/events/$id"
                params={{ id }}
                className="min-w-0 flex-1 rounded-sm break-words hover:underline hover:underline-offset-4"
              >
                {aboutWords({ about })}
              </Link>
              <span className="shrink-0 text-xs text-mute">
                <When atMs={atMs} />
              </span>
            </p>
            <p className="mt-0.5 flex flex-wrap items-center gap-x-3 text-xs text-faint">
              <SeverityMark severity={severity} />
              <span className="font-mono">{type}</span>
              {address !== null && <span className="numeric">{address}</span>}
              {actor !== null && <span className="break-all">{actor}</span>}
              {decision !== null && (
                <Link
                  to="/decisions/$id"
                  params={{ id: decision }}
                  aria-label={`Why: decision ${decision}`}
                  className="inline-flex h-6 items-center rounded-sm text-mute underline decoration-edge underline-offset-4 hover:text-ink"
                >
                  Why?
                </Link>
              )}
            </p>
          </li>
        ))}
      </ul>
      {events.length > FIRST && !all && (
        <div className="border-t border-line p-2 text-center">
          <Button small look="quiet" onClick={() => setAll(true)}>
            Show all {events.length}
          </Button>
        </div>
      )}
    </Panel>
  );
}
