import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { FalseAlarm } from '../../api/shield.ts';
import { Button } from '../../ui/parts.tsx';
import { When } from '../../ui/when.tsx';
import { By } from './by.tsx';
import { FindingList } from './findings.tsx';
import { isExcludable, partName, placeWords } from './words.ts';

/** A report: what was refused, who says that it should not have been, and what can be done. */
export function AlarmRow({
  report,
  isExplained,
  against,
  onExplain,
  onDismiss,
  onDraft,
  onAccept,
}: {
  readonly report: FalseAlarm;
  readonly isExplained: boolean;
  /** Why the reader may not act; null where they may. */
  readonly against: string | null;
  readonly onExplain: () => void;
  readonly onDismiss: () => void;
  readonly onDraft: () => void;
  /** Where inspection had no part, there is nothing to exclude. */
  readonly onAccept: () => void;
}): ReactNode {
  const { id, decision, route, address, findings, note, reportedBy, atMs } = report;
  return (
    <li
      data-row
      data-report={id}
      {...(address === null ? {} : { 'data-value': `address:${address}` })}
      className="border-b border-line px-4 py-3 text-sm last:border-0 focus-within:bg-hover hover:bg-hover"
    >
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-72">
          <p className="flex flex-wrap items-baseline gap-x-2">
            <Link
              to="/decisions/$id"
              params={{ id: decision }}
              className="rounded-sm font-medium break-words hover:underline hover:underline-offset-4"
            >
              {route ?? 'A decision that is no longer kept'}
            </Link>
            <span className="text-xs text-mute">{summaryOf(report)}</span>
          </p>
          {note !== '' && <p className="mt-0.5 break-words text-mute">{note}</p>}
          <p className="mt-0.5 text-xs text-faint">
            <When atMs={atMs} /> by <By actor={reportedBy} />
            {address !== null && <> · from {address}</>}
          </p>
          <Outcome report={report} />
        </div>
        <div className="flex flex-wrap gap-1.5">
          <Button small look="quiet" aria-expanded={isExplained} onClick={onExplain}>
            Explain
          </Button>
          {report.state === 'open' && (
            <>
              {isExcludable(report) ? (
                <Button small disabled={against !== null} onClick={onDraft}>
                  Draft an exclusion…
                </Button>
              ) : (
                <Button small disabled={against !== null} onClick={onAccept}>
                  Accept…
                </Button>
              )}
              <Button small disabled={against !== null} onClick={onDismiss}>
                Dismiss…
              </Button>
            </>
          )}
        </div>
      </div>
      {isExplained && (
        <div className="mt-2.5 max-w-3xl animate-enter">
          <FindingList findings={findings} guard={report.guard} />
        </div>
      )}
    </li>
  );
}

/** The heaviest finding, and how many there are beside it. */
function summaryOf({ findings, guard }: FalseAlarm): ReactNode {
  const [first, ...rest] = findings.toSorted((a, b) => b.weight - a.weight);
  if (first === undefined) return guard === null ? null : `refused by ${partName(guard)}`;
  return (
    <>
      <span className="font-mono">{first.rule}</span> in {placeWords(first.place, first.name)}
      {rest.length > 0 && ` and ${rest.length} more`}
    </>
  );
}

function Outcome({ report }: { readonly report: FalseAlarm }): ReactNode {
  const { state, settledBy, settledAtMs, exclusion } = report;
  if (state === 'open') return null;
  return (
    <p className="mt-1 text-xs text-mute">
      {state === 'accepted' ? 'Accepted' : 'Dismissed'}
      {settledAtMs !== null && (
        <>
          {' '}
          <When atMs={settledAtMs} />
        </>
      )}
      {settledBy !== null && (
        <>
          {' '}
          by <By actor={settledBy} />
        </>
      )}
      {exclusion !== null && (
        <>
          {' · '}
          <Link
            to="/shield"
            search={{ tab: 'exclusions', open: exclusion }}
            className="rounded-sm underline decoration-edge decoration-1 underline-offset-4 hover:decoration-ink"
          >
            its exclusion
          </Link>
        </>
      )}
    </p>
  );
}
