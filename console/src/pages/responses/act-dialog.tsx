import { useState } from 'react';
import type { ReactNode } from 'react';
import { actOnResponse, type ResponseEntry } from '../../api/responses.ts';
import { AskDialog } from '../../ui/ask-dialog.tsx';
import { DurationField } from '../../ui/duration-field.tsx';
import { Field } from '../../ui/field.tsx';
import { DURATIONS, USUAL_MINUTES } from './durations.ts';
import { doesWords, radiusWords } from './words.ts';

/** What is asked about. */
export type Asked = 'approve' | 'refuse' | 'extend' | 'break-glass';

/** As many letters as the server wants of a reason to break the glass. */
const LEAST_REASON = 10;

/** Shows what an act on a response means, asks once, and does it. */
export function ActDialog({
  asked,
  entry,
  name,
  onClose,
}: {
  readonly asked: Asked;
  readonly entry: ResponseEntry;
  readonly name: string;
  readonly onClose: () => void;
}): ReactNode {
  const [minutes, setMinutes] = useState(USUAL_MINUTES);
  const [reason, setReason] = useState('');
  const { id, radius, approvalsNeeded, approvedBy } = entry;
  const touched =
    radius === null ? [] : [radius.requests > 0 ? `It touches ${radiusWords(radius)}` : radiusWords(radius)];
  const does = doesWords(entry);
  switch (asked) {
    case 'approve': {
      const missing = approvalsNeeded - approvedBy.length - 1;
      const then =
        missing > 0
          ? `${missing} more ${missing === 1 ? 'person has' : 'people have'} to agree before it acts.`
          : `It begins at once. ${does}`;
      return (
        <AskDialog
          refresh="responses"
          onClose={onClose}
          ask={{
            title: `Approve: ${name}`,
            confirm: 'Approve',
            done: 'You have agreed',
            isGrave: true,
            consequences: [then, ...touched, 'The audit trail names you.'],
            act: () => actOnResponse(id, 'approve'),
          }}
        />
      );
    }
    case 'refuse':
      return (
        <AskDialog
          refresh="responses"
          onClose={onClose}
          ask={{
            title: `Refuse: ${name}`,
            confirm: 'Refuse',
            done: `${name} was refused`,
            isQuick: true,
            consequences: ['It ends, and has acted on nobody.'],
            act: () => actOnResponse(id, 'refuse'),
          }}
        />
      );
    case 'extend':
      return (
        <AskDialog
          refresh="responses"
          onClose={onClose}
          ask={{
            title: `Extend: ${name}`,
            confirm: 'Extend',
            done: `${name} acts for longer`,
            consequences: [...touched, 'At most 30 days in all.'],
            act: () => actOnResponse(id, 'extend', { minutes }),
            children: () => (
              <DurationField
                label="For how much longer"
                lengths={DURATIONS}
                minutes={minutes}
                onChange={setMinutes}
              />
            ),
          }}
        />
      );
    case 'break-glass':
      return (
        <AskDialog
          refresh="responses"
          onClose={onClose}
          ask={{
            title: `Break the glass: ${name}`,
            confirm: 'Act now',
            done: `${name} acts`,
            isGrave: true,
            isUnready: reason.trim().length < LEAST_REASON,
            consequences: [
              `It begins at once, without the second person. ${does}`,
              ...touched,
              'It is written down as critical with your name and reason, and everybody who hears of alerts is told.',
            ],
            act: () => actOnResponse(id, 'break-glass', { reason }),
            children: (faults) => (
              <Field
                label="Reason"
                required
                data-first=""
                value={reason}
                maxLength={500}
                hint="Why it cannot wait; at least ten letters."
                fault={faults['reason']}
                onChange={(event) => setReason(event.target.value)}
              />
            ),
          }}
        />
      );
  }
}
