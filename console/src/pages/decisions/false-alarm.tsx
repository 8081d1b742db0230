import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Flag } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { DecisionAnswer } from '../../../../src/server/api/types.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { reportDecision, reportOfQuery } from '../../api/shield.ts';
import type { FalseAlarm, ReportState } from '../../api/shield.ts';
import { AskDialog } from '../../ui/ask-dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Button } from '../../ui/parts.tsx';
import { When } from '../../ui/when.tsx';
import { By } from '../shield/by.tsx';
import { DraftDialog } from '../shield/draft-dialog.tsx';
import { proposalFor } from '../shield/words.ts';
import { inspectedOf, isShielded } from './inspected.ts';

/** What can be done where the shield was wrong: say so, and draft what would let such requests pass. */
export function FalseAlarmActs({ decision }: { readonly decision: DecisionAnswer }): ReactNode {
  return isShielded(decision) ? <Acts decision={decision} /> : null;
}

function Acts({ decision }: { readonly decision: DecisionAnswer }): ReactNode {
  const { id, route } = decision;
  const findings = inspectedOf(decision)?.findings ?? [];
  const { data: report } = useQuery(reportOfQuery(id));
  const against = useReasonAgainst('analyst');
  const [isOpen, setOpen] = useState<'report' | 'draft' | null>(null);
  const close = (): void => setOpen(null);
  if (against !== null) return null;
  return (
    <>
      {report === null && <Button onClick={() => setOpen('report')}>Report a false alarm…</Button>}
      {findings.length > 0 && (report?.exclusion ?? null) === null && (
        <Button onClick={() => setOpen('draft')}>Draft an exclusion from this…</Button>
      )}
      {isOpen === 'report' && <ReportDialog decision={decision} onClose={close} />}
      {isOpen === 'draft' && (
        <DraftDialog
          ask={{
            proposal: proposalFor(route, findings),
            report: report?.state === 'open' ? report : null,
            reason: report?.note ?? '',
          }}
          onClose={close}
        />
      )}
    </>
  );
}

function ReportDialog({
  decision: { id, verdict },
  onClose,
}: {
  readonly decision: DecisionAnswer;
  readonly onClose: () => void;
}): ReactNode {
  const [note, setNote] = useState('');
  return (
    <AskDialog
      refresh="shield"
      onClose={onClose}
      ask={{
        title: 'Report a false alarm',
        confirm: 'Report',
        done: 'Reported: it waits under Shield, False alarms',
        consequences: [
          'The report waits until an analyst drafts an exclusion for it, or dismisses it.',
          verdict === 'deny' || verdict === 'challenge'
            ? 'Until then such requests go on being refused.'
            : 'The guard only records: such requests pass meanwhile.',
        ],
        act: () => reportDecision(id, note.trim()),
        children: (faults) => (
          <Field
            label="Note"
            data-first=""
            autoComplete="off"
            maxLength={500}
            value={note}
            fault={faults['note']}
            hint="Who says so, and what they were about to do"
            onChange={(event) => setNote(event.target.value)}
          />
        ),
      }}
    />
  );
}

const STATE: Readonly<Record<ReportState, string>> = {
  open: 'Reported as a false alarm',
  accepted: 'A false alarm, accepted',
  dismissed: 'Reported as a false alarm, dismissed',
};

/** The report of a decision, where there is one. */
export function ReportLine({ decision }: { readonly decision: DecisionAnswer }): ReactNode {
  const { data: report } = useQuery({ ...reportOfQuery(decision.id), enabled: isShielded(decision) });
  if (!report) return null;
  const { state, note, reportedBy, atMs, exclusion, settledBy } = report;
  return (
    <section
      aria-label="False alarm"
      className="mt-4 flex max-w-3xl items-start gap-2.5 rounded-lg border border-line bg-panel px-3 py-2.5 text-sm"
    >
      <Flag aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-mute" />
      <div className="min-w-0">
        <p>
          <Where report={report} />{' '}
          <span className="text-mute">
            <When atMs={atMs} /> by <By actor={reportedBy} />
            {settledBy !== null && settledBy !== reportedBy && (
              <>
                , settled by <By actor={settledBy} />
              </>
            )}
          </span>
        </p>
        {note !== '' && <p className="mt-0.5 break-words text-mute">{note}</p>}
        {state === 'accepted' && exclusion !== null && (
          <Link
            to="/shield"
            search={{ tab: 'exclusions', open: exclusion }}
            className="mt-0.5 inline-block rounded-sm underline decoration-edge decoration-1 underline-offset-4 hover:decoration-ink"
          >
            Its exclusion
          </Link>
        )}
      </div>
    </section>
  );
}

function Where({ report: { state } }: { readonly report: FalseAlarm }): ReactNode {
  return (
    <Link
      to="/shield"
      search={{ tab: 'alarms', ...(state === 'open' ? {} : { status: state }) }}
      className="rounded-sm font-medium hover:underline hover:underline-offset-4"
    >
      {STATE[state]}
    </Link>
  );
}
