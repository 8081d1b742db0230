import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { acceptReport, changeDraft, draftExclusion } from '../../api/shield.ts';
import type { FalseAlarm, ShieldExclusion } from '../../api/shield.ts';
import { AskDialog } from '../../ui/ask-dialog.tsx';
import { Field } from '../../ui/field.tsx';
import { Code } from '../../ui/parts.tsx';
import { toast } from '../../ui/toast.tsx';
import { readRules, scopeWords } from './words.ts';
import type { Proposal } from './words.ts';

/** What a new exclusion begins with. */
export interface DraftAsk {
  readonly proposal: Proposal;
  /** Open report that it answers, which is accepted with it. */
  readonly report: Pick<FalseAlarm, 'id'> | null;
  readonly reason: string;
  /** Draft that is written anew; absent for a new one. */
  readonly id?: string;
}
/** Nothing is known yet. */
export const BLANK: DraftAsk = {
  proposal: { route: null, field: null, rules: [], elsewhere: [] },
  report: null,
  reason: '',
};

/** What a draft says already. */
export const asAsk = ({ id, route, field, rules, reason }: ShieldExclusion): DraftAsk => ({
  proposal: { route, field, rules, elsewhere: [] },
  report: null,
  reason,
  id,
});

/** Writes an exclusion down as a draft, and shows it. */
export function DraftDialog({
  ask,
  onClose,
}: {
  readonly ask: DraftAsk;
  readonly onClose: () => void;
}): ReactNode {
  const navigate = useNavigate();
  const { proposal, report } = ask;
  const [route, setRoute] = useState(proposal.route ?? '');
  const [field, setField] = useState(proposal.field ?? '');
  const [typed, setTyped] = useState(proposal.rules.join(', '));
  const [reason, setReason] = useState(ask.reason);
  const rules = readRules(typed);
  const scope = { route: route.trim() || null, field: field.trim() || null };
  const save = async (): Promise<ShieldExclusion> => {
    const draft = { ...scope, rules, reason: reason.trim() };
    if (ask.id !== undefined) return changeDraft(ask.id, draft);
    const made = await draftExclusion(draft);
    if (report !== null) await accept(report, made);
    return made;
  };
  return (
    <AskDialog<ShieldExclusion>
      refresh="shield"
      onClose={onClose}
      ask={{
        title: ask.id === undefined ? 'Draft an exclusion' : 'Edit this draft',
        confirm: 'Save draft',
        done: 'Saved. Replay it before it goes live',
        isUnready: rules.length === 0,
        consequences: [
          rules.length === 0
            ? 'Name what inspection shall leave out.'
            : `Inspection would leave out ${rules.join(', ')} ${scopeWords(scope)}.`,
          'A draft acts on nothing until it is replayed and published.',
          ...(report === null ? [] : ['The report is accepted with it.']),
        ],
        act: save,
        onDone: ({ id }) => void navigate({ to: '/shield', search: { tab: 'exclusions', open: id } }),
        children: (faults) => (
          <>
            <Field
              label="Rules or kinds"
              required
              data-first={rules.length === 0 ? '' : undefined}
              className="font-mono"
              autoComplete="off"
              spellCheck={false}
              maxLength={1000}
              value={typed}
              fault={faultOf(faults, 'rules')}
              hint={
                <>
                  Such as <Code>sql.comment-cut</Code>, or <Code>sql</Code> for all of a kind; separated by
                  commas
                </>
              }
              onChange={(event) => setTyped(event.target.value)}
            />
            {proposal.elsewhere.length > 0 && (
              <p className="text-xs text-challenged-text">
                Found in other fields, and not left out: {proposal.elsewhere.join(', ')}. The replay shows
                whether the request passes all the same.
              </p>
            )}
            <div className="grid gap-4 sm:grid-cols-2">
              <Field
                label="Route"
                autoComplete="off"
                spellCheck={false}
                maxLength={200}
                value={route}
                fault={faults['route']}
                hint="As in the configuration; empty for every route"
                onChange={(event) => setRoute(event.target.value)}
              />
              <Field
                label="Field"
                autoComplete="off"
                spellCheck={false}
                maxLength={200}
                value={field}
                fault={faults['field']}
                hint="Parameter, header, cookie or key; empty for any"
                onChange={(event) => setField(event.target.value)}
              />
            </div>
            <Field
              label="Reason"
              required
              data-first={rules.length > 0 ? '' : undefined}
              autoComplete="off"
              maxLength={500}
              value={reason}
              fault={faults['reason']}
              hint="Why honest requests look like this; the audit trail keeps it"
              onChange={(event) => setReason(event.target.value)}
            />
          </>
        ),
      }}
    />
  );
}

/** A fault of a field, or of one of its entries (`rules.2`). */
function faultOf(faults: Readonly<Record<string, string>>, field: string): string | undefined {
  const name = Object.keys(faults).find((one) => one === field || one.startsWith(`${field}.`));
  return name === undefined ? undefined : faults[name];
}

/** The draft is there whatever becomes of the report: a refusal is told beside it. */
async function accept(report: Pick<FalseAlarm, 'id'>, { id }: ShieldExclusion): Promise<void> {
  try {
    await acceptReport(report, id);
  } catch (error) {
    toast(`The report stays open. ${error instanceof Error ? error.message : ''}`.trim());
  }
}
