import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { EventAnswer, EventEntry } from '../../../../src/server/api/types.ts';
import { whole } from '../../format/number.ts';
import { ago, fullTime } from '../../format/time.ts';
import type { EventField } from '../../state/event-search.ts';
import type { ViewSearch } from '../../state/search.ts';
import { useSettings } from '../../state/settings.ts';
import { BlockButton } from '../../ui/block-button.tsx';
import { SeverityMark } from '../../ui/verdict.tsx';
import { useNow } from '../../ui/when.tsx';
import { accountOf, detailFacts, whereFacts, whoFacts } from './facts.ts';
import type { EventFact } from './facts.ts';
import { Resolved } from './row.tsx';

const DAY_MS = 86_400_000;
/** The server counts so many at most. */
const MAX_SIMILAR = 1000;
const BY_WORDS: Readonly<Record<EventAnswer['similar']['by'], string>> = {
  address: ' from this client',
  actor: ' by this actor',
  type: '',
};

/** The event's sentence, with how grave it is and how it ended. */
export function EventHead({
  event,
  level,
}: {
  readonly event: EventEntry;
  /** Of the heading: a page's own, or a part's. */
  readonly level: 1 | 2;
}): ReactNode {
  const Heading = level === 1 ? 'h1' : 'h2';
  const { severity, about, outcome, type } = event;
  return (
    <header>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-mute">
        <SeverityMark severity={severity} />
        {<Tag>{event.class === 'audit' ? 'Audit' : 'Signal'}</Tag>}
        {outcome !== null && <Tag>{outcome.charAt(0).toUpperCase() + outcome.slice(1)}</Tag>}
        {event.resolvedAtMs !== null && <Resolved />}
      </div>
      <Heading
        className={`mt-2 font-semibold tracking-tight text-balance ${level === 1 ? 'max-w-4xl text-xl leading-snug' : 'text-base'}`}
      >
        {about}
      </Heading>
      <p className="mt-1 font-mono text-xs break-all text-faint">
        <Find field="type" value={type}>
          {type}
        </Find>
      </p>
    </header>
  );
}

function Tag({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <span className="inline-flex h-5 items-center rounded-full border border-line px-2 text-xs text-mute">
      {children}
    </span>
  );
}

/** When, who, where, and what else is known: values that can be searched by lead to the events that share them. */
export function EventFacts({ answer }: { readonly answer: EventAnswer }): ReactNode {
  const { event, similar } = answer;
  const { zone } = useSettings();
  const details = detailFacts(event, zone);
  return (
    <div className="space-y-5 text-sm">
      <Moment event={event} />
      <Facts title="Who" facts={whoFacts(event)} />
      <Facts title="Where" facts={whereFacts(event)} />
      <Facts title="Details" facts={details} />
      <section aria-label="Similar events">
        <h3 className="text-xs font-medium text-faint">Similar</h3>
        <p className="mt-1">
          {similar.count <= 1 ? (
            `The first of its kind in 24 hours${BY_WORDS[similar.by]}.`
          ) : (
            <>
              <Link
                to="/events"
                search={{ type: event.type, ...alike(answer), from: event.atMs - DAY_MS, to: event.atMs + 1 }}
                className="font-medium underline decoration-edge underline-offset-4 hover:decoration-ink"
              >
                {similar.count >= MAX_SIMILAR ? `${whole(MAX_SIMILAR)} or more` : whole(similar.count)} of its
                kind
              </Link>{' '}
              in the 24 hours up to it{BY_WORDS[similar.by]}.
            </>
          )}
        </p>
      </section>
    </div>
  );
}

/** The filter that finds events like it; of an IPv6 address, those of the address itself. */
function alike({ event, similar }: EventAnswer): ViewSearch {
  if (similar.by === 'type') return {};
  const value = event[similar.by];
  return value === null ? {} : { [similar.by]: value };
}

/** The time, here and in UTC, and how long ago. */
function Moment({ event }: { readonly event: EventEntry }): ReactNode {
  const now = useNow(10_000);
  const { atMs, resolvedAtMs, resolvedBy } = event;
  return (
    <section aria-label="When">
      <h3 className="text-xs font-medium text-faint">When</h3>
      <dl className="mt-1 space-y-1">
        <Line name="Local">
          <time dateTime={new Date(atMs).toISOString()}>{fullTime(atMs, 'local')}</time>{' '}
          <span className="text-faint">· {ago(atMs, now)}</span>
        </Line>
        <Line name="UTC">{fullTime(atMs, 'utc')}</Line>
        {resolvedAtMs !== null && (
          <Line name="Resolved">
            {ago(resolvedAtMs, now)}
            {resolvedBy !== null && <> by {resolvedBy}</>}
          </Line>
        )}
      </dl>
    </section>
  );
}

function Facts({
  title,
  facts,
}: {
  readonly title: string;
  readonly facts: readonly EventFact[];
}): ReactNode {
  if (facts.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3 className="text-xs font-medium text-faint">{title}</h3>
      <dl className="mt-1 space-y-1">
        {facts.map(({ name, text, field }) => (
          <Line key={name} name={name} tool={field === 'address' ? <BlockButton target={text} /> : null}>
            {field === undefined ? (
              text
            ) : (
              <Find field={field} value={text}>
                {text}
              </Find>
            )}
            {(name === 'Actor' || name === 'Subject') && <User principal={text} />}
            {field === 'decision' && (
              <Aside>
                <Link to="/decisions/$id" params={{ id: text }} className={ASIDE}>
                  Why?
                </Link>
              </Aside>
            )}
          </Line>
        ))}
      </dl>
    </section>
  );
}

const ASIDE = 'rounded-sm text-mute underline decoration-edge underline-offset-4 hover:text-ink';
function Aside({ children }: { readonly children: ReactNode }): ReactNode {
  return <span className="ml-2 text-xs whitespace-nowrap">{children}</span>;
}

/** The account behind a principal. */
function User({ principal }: { readonly principal: string }): ReactNode {
  const account = accountOf(principal);
  if (account === null) return null;
  return (
    <Aside>
      <Link to="/users/$id" params={{ id: account }} className={ASIDE}>
        Open account
      </Link>
    </Aside>
  );
}

function Line({
  name,
  tool = null,
  children,
}: {
  readonly name: string;
  readonly tool?: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div className="grid grid-cols-[6.5rem_minmax(0,1fr)_auto] items-start gap-2">
      <dt className="break-words text-faint">{name}</dt>
      <dd className="min-w-0 break-words numeric">{children}</dd>
      {tool !== null && <dd className="-my-0.5">{tool}</dd>}
    </div>
  );
}

/** Leads to the events with this value; `f` on it does the same. */
function Find({
  field,
  value,
  children,
}: {
  readonly field: EventField;
  readonly value: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <Link
      to="/events"
      search={{ [field]: value }}
      data-value={`${field}:${value}`}
      title={`Events with this ${field}`}
      className="rounded-sm break-all underline decoration-edge decoration-1 underline-offset-4 hover:decoration-ink"
    >
      {children}
    </Link>
  );
}
