import { CircleCheck, CircleX } from 'lucide-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { UserAnswer } from '../../../../src/server/api/user-types.ts';
import { Panel } from '../../ui/parts.tsx';
import { EventRow } from '../events/row.tsx';
import { When } from '../../ui/when.tsx';
import { factorWords } from './factors.ts';
import { Nothing } from './nothing.tsx';
import { OUTCOME_LABEL } from './words.ts';

/** Attempts to sign in, newest first. */
export function History({ entries }: { readonly entries: UserAnswer['history'] }): ReactNode {
  return (
    <Panel title="Sign-in history" note={entries.length === 0 ? undefined : 'newest first'} flush>
      {entries.length === 0 ? (
        <Nothing>Nobody has tried to sign in with this account.</Nothing>
      ) : (
        <ul className="border-t border-line">
          {entries.map((entry) => (
            <Row key={entry.id} entry={entry} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Row({ entry }: { readonly entry: UserAnswer['history'][number] }): ReactNode {
  const { outcome, factors, address, deviceName, place, atMs } = entry;
  const isIn = outcome === 'signed-in';
  const Icon = isIn ? CircleCheck : CircleX;
  return (
    <li
      data-value={`address:${address}`}
      className="grid grid-cols-[9rem_1fr_auto] items-center gap-x-3 border-b border-line px-4 py-2 text-sm last:border-0 max-sm:grid-cols-[1fr_auto]"
    >
      <p className="flex items-center gap-1.5">
        <Icon
          aria-hidden="true"
          className={`size-3.5 shrink-0 ${isIn ? 'text-good-text' : 'text-limited-text'}`}
        />
        {OUTCOME_LABEL[outcome]}
      </p>
      <p className="min-w-0 text-mute max-sm:order-3 max-sm:col-span-2">
        <Link
          to="/decisions"
          search={{ range: '24h', filter: [`address:${address}`] }}
          className="rounded-sm break-all numeric hover:underline hover:underline-offset-4"
        >
          {address}
        </Link>
        {place !== null && <>, {place}</>}
        <span className="text-xs text-faint">
          {' '}
          · {deviceName}
          {isIn && <> · {factorWords(factors)}</>}
        </span>
      </p>
      <p className="text-right text-xs text-mute">
        <When atMs={atMs} />
      </p>
    </li>
  );
}

/** What the audit trail holds of this account. */
export function UserEvents({ events }: { readonly events: UserAnswer['events'] }): ReactNode {
  return (
    <Panel title="Events" note={events.length === 0 ? undefined : 'newest first'} flush>
      {events.length === 0 ? (
        <Nothing>Nothing has been written about this account.</Nothing>
      ) : (
        <ul className="border-t border-line">
          {events.map((event) => (
            <EventRow key={event.id} event={event} hasNode={false} />
          ))}
        </ul>
      )}
    </Panel>
  );
}
