import type { ReactNode } from 'react';
import { acceptReport, dismissReport } from '../../api/shield.ts';
import type { FalseAlarm } from '../../api/shield.ts';
import { AskDialog } from '../../ui/ask-dialog.tsx';
import { FindingList } from './findings.tsx';

interface Props {
  readonly report: FalseAlarm;
  readonly onClose: () => void;
}

/** Asks once before a report is closed as an attack. */
export function DismissDialog({ report, onClose }: Props): ReactNode {
  return (
    <AskDialog
      refresh="shield"
      onClose={onClose}
      ask={{
        title: 'Dismiss this report',
        confirm: 'Dismiss',
        isQuick: true,
        done: 'Dismissed',
        consequences: [
          'The report is closed: the request was rightly refused.',
          'Requests like it go on being refused. The audit trail names you.',
        ],
        act: () => dismissReport(report),
        children: () => <FindingList findings={report.findings} guard={report.guard} />,
      }}
    />
  );
}

/** Asks once before a report is closed as right where there is nothing to exclude. */
export function AcceptDialog({ report, onClose }: Props): ReactNode {
  return (
    <AskDialog
      refresh="shield"
      onClose={onClose}
      ask={{
        title: 'Accept this report',
        confirm: 'Accept',
        isQuick: true,
        done: 'Accepted',
        consequences: [
          'The report is closed: the request should have passed.',
          'Nothing else changes by that. What the guard refuses is set in its configuration.',
        ],
        act: () => acceptReport(report, null),
        children: () => <FindingList findings={report.findings} guard={report.guard} />,
      }}
    />
  );
}
