import { Monitor, SquareTerminal } from 'lucide-react';
import type { ReactNode } from 'react';
import type { UserAnswer } from '../../../../src/server/api/user-types.ts';
import { plural } from '../../format/number.ts';
import { BlockButton } from '../../ui/block-button.tsx';
import { Button, Panel } from '../../ui/parts.tsx';
import { When } from '../../ui/when.tsx';
import { factorWords } from './factors.ts';
import { ActButton } from './act-button.tsx';
import type { ActPort } from './act-button.tsx';
import { Nothing } from './nothing.tsx';

/** Where the account is signed in. */
export function Sessions({
  answer,
  port,
}: {
  readonly answer: UserAnswer;
  readonly port: ActPort;
}): ReactNode {
  const { sessions } = answer;
  return (
    <Panel
      title="Sessions"
      note={sessions.length === 0 ? undefined : `${plural(sessions.length, 'session')} open`}
      actions={<ActButton port={port} kind="end-sessions" label="End all…" small />}
      flush
    >
      {sessions.length === 0 ? (
        <Nothing>Nobody is signed in with this account.</Nothing>
      ) : (
        <ul className="border-t border-line">
          {sessions.map((session) => (
            <Row key={session.id} session={session} port={port} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Row({
  session,
  port,
}: {
  readonly session: UserAnswer['sessions'][number];
  readonly port: ActPort;
}): ReactNode {
  const { id, client, deviceName, address, place, aal, factors, createdAtMs, seenAtMs, current } = session;
  const Icon = client === 'api' ? SquareTerminal : Monitor;
  const reason = port.against('end-session');
  return (
    <li
      data-value={`address:${address}`}
      className="flex items-start gap-3 border-b border-line px-4 py-2.5 text-sm last:border-0"
    >
      <Icon aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-mute" />
      <div className="min-w-0 flex-1">
        <p className="font-medium">
          {deviceName}
          {client === 'api' && <span className="ml-2 text-xs font-normal text-mute">API client</span>}
          {current && <span className="ml-2 text-xs font-normal text-good-text">this session</span>}
        </p>
        <p className="text-mute">
          <span className="break-all numeric">{address}</span>
          {place !== null && <>, {place}</>}
        </p>
        <p className="text-xs text-faint">
          {aal === 2 ? 'Two factors' : 'One factor'}: {factorWords(factors)} · since{' '}
          <When atMs={createdAtMs} look="full" /> · seen <When atMs={seenAtMs} />
        </p>
      </div>
      <BlockButton target={`session:${id}`} />
      <span title={reason ?? undefined}>
        <Button
          data-row
          small
          disabled={reason !== null}
          aria-label={`End the session on ${deviceName} from ${address}`}
          onClick={() => port.ask({ kind: 'end-session', session: id })}
        >
          End…
        </Button>
      </span>
    </li>
  );
}
