import { useState } from 'react';
import type { ReactNode } from 'react';
import type { RoleRequestEntry } from '../../../../src/server/api/access-types.ts';
import { api } from '../../api/client.ts';
import { plural } from '../../format/number.ts';
import { Field } from '../../ui/field.tsx';
import { More } from '../../ui/more.tsx';
import { Panel } from '../../ui/parts.tsx';
import { When } from '../../ui/when.tsx';
import { pathOf, useOpenRequests } from './api.ts';
import { AskDialog } from './ask-dialog.tsx';
import { MayButton, RoleTag, Subject } from './parts.tsx';

type Asked = { readonly decision: 'approve' | 'refuse'; readonly request: RoleRequestEntry };

/** Roles that somebody asked for and another person decides on. Nothing where none waits. */
export function Requests({ against }: { readonly against: string | null }): ReactNode {
  const query = useOpenRequests();
  const [asked, setAsked] = useState<Asked | null>(null);
  const open = query.data?.pages.flatMap((page) => page.requests) ?? [];
  if (open.length === 0 && asked === null) return null;
  return (
    <Panel title="Waiting for approval" note={plural(open.length, 'request')} flush>
      <ul className="border-t border-line">
        {open.map((request) => (
          <li
            key={request.id}
            className="flex flex-wrap items-start gap-x-4 gap-y-2 border-b border-line px-4 py-3 text-sm last:border-0"
          >
            <div className="min-w-0 flex-1 basis-64">
              <p className="flex flex-wrap items-center gap-1.5">
                <span className="font-medium">
                  <Subject subject={request.subject} />
                </span>
                <span className="text-mute">is to have</span> <RoleTag role={request.role} />
                {request.expiresAtMs !== null && (
                  <span className="text-mute">
                    until <When atMs={request.expiresAtMs} look="full" />
                  </span>
                )}
              </p>
              <p className="mt-0.5 text-mute">{request.reason}</p>
              <p className="mt-0.5 text-xs text-faint">
                Asked for by <Subject subject={request.requestedBy} linked={false} />,{' '}
                <When atMs={request.requestedAtMs} />
              </p>
            </div>
            <div className="flex gap-1.5">
              <MayButton
                small
                against={against}
                label="Refuse…"
                about={`${request.role} for ${request.subject}`}
                onClick={() => setAsked({ decision: 'refuse', request })}
              />
              <MayButton
                small
                solid
                against={against}
                label="Approve…"
                about={`${request.role} for ${request.subject}`}
                onClick={() => setAsked({ decision: 'approve', request })}
              />
            </div>
          </li>
        ))}
      </ul>
      <More query={query} />
      {asked !== null && <DecideDialog asked={asked} onClose={() => setAsked(null)} />}
    </Panel>
  );
}

function DecideDialog({
  asked: { decision, request },
  onClose,
}: {
  readonly asked: Asked;
  readonly onClose: () => void;
}): ReactNode {
  const [note, setNote] = useState('');
  const isGiven = decision === 'approve';
  return (
    <AskDialog
      onClose={onClose}
      ask={{
        title: `${isGiven ? 'Approve' : 'Refuse'} ${request.role}`,
        confirm: isGiven ? 'Approve' : 'Refuse',
        done: isGiven ? `${request.role} is assigned` : `The request for ${request.role} is refused`,
        isGrave: !isGiven,
        consequences: isGiven
          ? [
              'The role holds within a second, everywhere.',
              'You stand beside whoever asked in the audit trail.',
            ]
          : ['Nobody gets the role. It can be asked for again.'],
        act: () =>
          api(pathOf('requests', request.id, decision), { method: 'POST', body: { note: note.trim() } }),
        children: (faults) => (
          <Field
            label="Note"
            data-first=""
            maxLength={500}
            autoComplete="off"
            value={note}
            fault={faults['note']}
            onChange={(event) => setNote(event.target.value)}
          />
        ),
      }}
    />
  );
}
