import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type ResponseEntry, responsesOfAlert } from '../../api/responses.ts';
import { Panel } from '../../ui/parts.tsx';
import { TimeLeft } from '../responses/entry.tsx';
import { actWords, approvalWords, isActing, STATE_WORDS } from '../responses/words.ts';

/** What was begun for an alert or is in force against the same, and how long it still acts; nothing where nothing was. */
export function LinkedResponses({
  alert,
  ids,
  others,
}: {
  readonly alert: string;
  readonly ids: readonly string[];
  /** In force against whom the alert is about, begun for something else. */
  readonly others: readonly ResponseEntry[];
}): ReactNode {
  const { data } = useQuery({ ...responsesOfAlert(alert), enabled: ids.length > 0 });
  const own = ids.length === 0 ? [] : (data?.responses ?? []);
  const shown = [...own, ...others.filter(({ id }) => own.every((one) => one.id !== id))];
  if (shown.length === 0) return null;
  return (
    <Panel
      title="What was done"
      actions={
        <Link
          to="/responses"
          className="rounded-sm text-xs text-mute hover:text-ink hover:underline hover:underline-offset-4"
        >
          All responses
        </Link>
      }
      flush
    >
      <ul className="border-t border-line">
        {shown.map((entry) => (
          <ResponseLine key={entry.id} entry={entry} />
        ))}
      </ul>
    </Panel>
  );
}

/** A response in a list of what was done. */
export function ResponseLine({ entry }: { readonly entry: ResponseEntry }): ReactNode {
  return (
    <li
      data-row
      className="relative flex flex-wrap items-baseline gap-x-4 gap-y-0.5 border-b border-line px-4 py-2 text-sm last:border-0 hover:bg-hover"
    >
      <Link
        to="/responses/$id"
        params={{ id: entry.id }}
        className="row-link min-w-0 flex-1 basis-48 rounded-sm break-all"
      >
        {actWords(entry)}
      </Link>
      <div className="text-xs text-mute">
        <HowFar entry={entry} />
      </div>
    </li>
  );
}

function HowFar({ entry }: { readonly entry: ResponseEntry }): ReactNode {
  if (isActing(entry)) return <TimeLeft untilMs={entry.expiresAtMs} words="left" />;
  return entry.state === 'waiting' ? `Waits: ${approvalWords(entry)}` : STATE_WORDS[entry.state];
}
