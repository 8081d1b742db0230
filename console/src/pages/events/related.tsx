import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import type { EventAnswer } from '../../../../src/server/api/types.ts';
import type { ViewSearch } from '../../state/search.ts';
import { EventRow } from './row.tsx';

type Kind = keyof EventAnswer['related'];
const KINDS: readonly (readonly [Kind, label: string])[] = [
  ['request', 'Same request'],
  ['session', 'Session'],
  ['actor', 'Actor'],
  ['address', 'Address'],
];
const HOUR_MS = 3_600_000;

/** What else happened within an hour of it, by what they share. */
export function RelatedEvents({ answer }: { readonly answer: EventAnswer }): ReactNode {
  const { event, related } = answer;
  const shown = KINDS.filter(([kind]) => related[kind].length > 0);
  const [chosen, setChosen] = useState<Kind | null>(null);
  const kind = shown.some(([one]) => one === chosen) ? chosen : (shown[0]?.[0] ?? null);
  if (kind === null)
    return (
      <p className="px-4 py-6 text-sm text-mute">
        Nothing within an hour shares its request, session, actor or address.
      </p>
    );
  const search = searchOf(kind, answer);
  return (
    <>
      <div
        role="tablist"
        aria-label="Related by"
        onKeyDown={(key) =>
          walkTabs(
            key,
            shown.map(([one]) => one),
            kind,
            setChosen,
          )
        }
        className="flex gap-1 overflow-x-auto border-b border-line px-3 pb-2"
      >
        {shown.map(([one, label]) => (
          <button
            key={one}
            type="button"
            role="tab"
            id={`related-${one}`}
            aria-selected={one === kind}
            aria-controls="related-list"
            tabIndex={one === kind ? 0 : -1}
            onClick={() => setChosen(one)}
            className="flex h-7 shrink-0 items-center gap-1.5 rounded-md px-2 text-xs font-medium text-mute hover:text-ink aria-selected:bg-sunken aria-selected:text-ink"
          >
            {label}
            <span className="text-faint numeric">{related[one].length}</span>
          </button>
        ))}
      </div>
      <div role="tabpanel" id="related-list" aria-labelledby={`related-${kind}`}>
        <ul>
          {related[kind].map((one) => (
            <EventRow key={one.id} event={one} hasNode={false} />
          ))}
        </ul>
        {search !== null && (
          <p className="border-t border-line px-4 py-2 text-xs">
            <Link
              to="/events"
              search={{ ...search, from: event.atMs - HOUR_MS, to: event.atMs + HOUR_MS }}
              className="rounded-sm text-mute underline decoration-edge underline-offset-4 hover:text-ink"
            >
              All of them in the list
            </Link>
          </p>
        )}
      </div>
    </>
  );
}

/** The list of events that share this with the event; null where it is not one value. */
function searchOf(kind: Kind, { event }: EventAnswer): ViewSearch | null {
  if (kind === 'request') {
    if (event.decision !== null) return { decision: event.decision };
    if (event.requestId !== null) return { request: event.requestId };
    return event.traceId === null ? null : { trace: event.traceId };
  }
  const value = event[kind];
  return value === null ? null : { [kind]: value };
}

/** Arrow keys walk the tabs, as those of the platform. */
function walkTabs<T extends string>(
  event: KeyboardEvent<HTMLElement>,
  kinds: readonly T[],
  kind: T,
  choose: (kind: T) => void,
): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  if (step === 0) return;
  event.preventDefault();
  const next = kinds[(kinds.indexOf(kind) + step + kinds.length) % kinds.length];
  if (next === undefined) return;
  choose(next);
  event.currentTarget.querySelector<HTMLElement>(`#related-${next}`)?.focus();
}
