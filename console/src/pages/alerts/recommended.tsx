import { Link } from '@tanstack/react-router';
import { ArrowRight } from 'lucide-react';
import type { ReactNode } from 'react';
import type { AlertEntry, Recommendation } from '../../api/alerts.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { PAGES } from '../../shell/pages.ts';
import { askToRespond } from '../../state/response-ask.ts';
import { Button, Panel } from '../../ui/parts.tsx';
import { isResponder, RESPONDER } from '../responses/words.ts';

/** What is worth doing; each line leads to where it is done. */
export function Recommended({
  alert,
  list,
  isFirst,
}: {
  readonly alert: AlertEntry;
  readonly list: readonly Recommendation[];
  /** Nothing was done about it so far. */
  readonly isFirst: boolean;
}): ReactNode {
  return (
    <Panel title="What to do" note={isFirst ? 'nothing was done by itself' : undefined} flush>
      <ul className="border-t border-line">
        {list.map((one) => (
          <li
            key={`${one.do} ${one.target ?? ''}`}
            className="flex flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-line px-4 py-2.5 text-sm last:border-0"
          >
            <span className="min-w-0 flex-1 basis-48">
              {one.text}
              {one.target !== null && (
                <span className="block text-xs break-all text-faint">{one.target}</span>
              )}
            </span>
            <Way one={one} alert={alert.id} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Way({
  one: { do: name, target },
  alert,
}: {
  readonly one: Recommendation;
  readonly alert: string;
}): ReactNode {
  const against = useReasonAgainst('administrator');
  if (isResponder(name))
    return (
      <Button
        small
        disabled={against !== null}
        title={against ?? undefined}
        onClick={() => askToRespond({ responder: name, alert, ...(target === null ? {} : { target }) })}
      >
        {RESPONDER[name].label}…
      </Button>
    );
  const page = PAGES.find(({ to, label }) => to === `/${name}` || label.toLowerCase() === name);
  if (page === undefined) return null;
  return (
    <Link
      to={page.to}
      className="inline-flex h-6 items-center gap-1 rounded-md px-2 text-xs font-medium text-mute hover:bg-hover hover:text-ink"
    >
      {page.label}
      <ArrowRight aria-hidden="true" className="size-3.5" />
    </Link>
  );
}
