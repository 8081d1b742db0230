import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import type { ReactNode } from 'react';
import { refusalWords } from '../../api/faults.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import {
  beginResponse,
  type Estimate,
  estimateQuery,
  type Responder,
  type Wanted,
} from '../../api/responses.ts';
import { askToRespond, type ResponseAsk, useResponseAsk } from '../../state/response-ask.ts';
import { AskDialog } from '../../ui/ask-dialog.tsx';
import { DurationField } from '../../ui/duration-field.tsx';
import { Field } from '../../ui/field.tsx';
import { INPUT, INPUT_TEXT } from '../../ui/parts.tsx';
import { toast } from '../../ui/toast.tsx';
import { DURATIONS, USUAL_MINUTES } from './durations.ts';
import { actWords, isActing, outcomeWords, radiusWords, RESPONDER, RESPONDER_NAMES } from './words.ts';

/** The dialog that begins a response, wherever it was asked for: whom it would touch is seen before it is begun. */
export default function BeginDialog(): ReactNode {
  const asked = useResponseAsk();
  return asked === null ? null : <Begin key={JSON.stringify(asked)} asked={asked} />;
}

interface Draft {
  readonly responder: Responder;
  /** A word of the responder's; empty for what is named. */
  readonly word: string;
  readonly named: string;
  readonly how: 'deny' | 'challenge';
}

function firstDraft({ responder = 'block', target = '' }: ResponseAsk): Draft {
  const { words, takes } = RESPONDER[responder];
  const known = words.find(([word]) => word === target)?.[0];
  const word = known ?? (takes === null ? (words[0]?.[0] ?? '') : '');
  return { responder, word, named: known === undefined ? target : '', how: 'deny' };
}

function wantedOf({ responder, word, named, how }: Draft): Wanted {
  const name = named.trim();
  // An account may be given by its bare id.
  const isAccount = RESPONDER[responder].takes === 'account' && name !== '' && !name.startsWith('user:');
  const target = word !== '' ? word : isAccount ? `user:${name}` : name;
  return { responder, target, ...(responder === 'block' ? { how } : {}) };
}

function Begin({ asked }: { readonly asked: ResponseAsk }): ReactNode {
  const [draft, setDraft] = useState(() => firstDraft(asked));
  const [minutes, setMinutes] = useState(USUAL_MINUTES);
  const [reason, setReason] = useState('');
  const wanted = wantedOf(draft);
  const settled = useDeferredValue(wanted.target);
  const estimate = useQuery({
    ...estimateQuery({ ...wanted, target: settled }),
    enabled: settled.length >= 3,
  });
  const outcome = settled === wanted.target ? estimate.data?.outcome : undefined;
  const against = useReasonAgainst('administrator');
  const { does } = RESPONDER[draft.responder];
  return (
    <AskDialog
      refresh="responses"
      onClose={() => askToRespond(null)}
      ask={{
        title: 'Start a response',
        confirm: outcome === 'wait' ? 'Ask for approval' : 'Begin',
        done: null,
        isGrave: true,
        isUnready: against !== null || outcome === undefined || outcome === 'refuse' || reason.trim() === '',
        act: () =>
          beginResponse({
            ...wanted,
            minutes,
            reason: reason.trim(),
            ...(asked.alert === undefined ? {} : { alert: asked.alert }),
          }),
        onDone: (entry) => {
          const name = actWords(entry);
          toast(isActing(entry) ? `${name} acts` : `${name} waits for others to agree`);
        },
        children: (faults) => (
          <>
            <label className="block font-medium">
              What
              <select
                value={draft.responder}
                data-first={asked.responder === undefined ? '' : undefined}
                aria-describedby="responder-does"
                className={`${INPUT} ${INPUT_TEXT} mt-1`}
                onChange={(event) =>
                  setDraft(firstDraft({ responder: event.target.value as Responder, target: draft.named }))
                }
              >
                {RESPONDER_NAMES.map((name) => (
                  <option key={name} value={name}>
                    {RESPONDER[name].label}
                  </option>
                ))}
              </select>
            </label>
            <p id="responder-does" className="-mt-3 text-xs text-faint">
              {does}
            </p>

            <TargetFields draft={draft} onChange={setDraft} fault={faults['target']} />
            <Preview
              estimate={outcome === undefined ? undefined : estimate.data}
              error={settled === wanted.target ? estimate.error : null}
              isAsked={wanted.target.length >= 3}
            />
            <DurationField label="For how long" lengths={DURATIONS} minutes={minutes} onChange={setMinutes} />
            <Field
              label="Reason"
              required
              data-first={asked.responder === undefined ? undefined : ''}
              value={reason}
              maxLength={500}
              fault={faults['reason']}
              onChange={(event) => setReason(event.target.value)}
            />
            {against !== null && <p className="text-challenged-text">{against}</p>}
          </>
        ),
      }}
    />
  );
}

const NAMED = {
  address: ['Address or range', '203.0.113.7, 203.0.113.0/24 or 2001:db8::/64'],
  account: ['Account', 'Its id: acc_…'],
  either: ['Address, range or account', '203.0.113.7, 2001:db8::/64 or user:acc_…'],
} as const;

function TargetFields({
  draft,
  onChange,
  fault,
}: {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly fault: string | undefined;
}): ReactNode {
  const { words, takes } = RESPONDER[draft.responder];
  return (
    <>
      {words.length > 0 && (
        <label className="block font-medium">
          {takes === null ? 'How far' : 'Whom'}
          <select
            value={draft.word}
            className={`${INPUT} ${INPUT_TEXT} mt-1`}
            onChange={(event) => onChange({ ...draft, word: event.target.value })}
          >
            {takes !== null && <option value="">One</option>}
            {words.map(([word, label]) => (
              <option key={word} value={word}>
                {label}
              </option>
            ))}
          </select>
        </label>
      )}
      {takes !== null && draft.word === '' && (
        <Field
          label={NAMED[takes][0]}
          hint={NAMED[takes][1]}
          required
          fault={fault}
          value={draft.named}
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onChange({ ...draft, named: event.target.value })}
        />
      )}
      {draft.responder === 'block' && (
        <label className="block font-medium">
          How
          <select
            value={draft.how}
            className={`${INPUT} ${INPUT_TEXT} mt-1`}
            onChange={(event) => onChange({ ...draft, how: event.target.value as Draft['how'] })}
          >
            <option value="deny">Refuse</option>
            <option value="challenge">Ask for proof: honest people get through</option>
          </select>
        </label>
      )}
    </>
  );
}

/** Whom it would touch, what speaks against it, and what would become of it. */
function Preview({
  estimate,
  error,
  isAsked,
}: {
  readonly estimate: Estimate | undefined;
  readonly error: Error | null;
  readonly isAsked: boolean;
}): ReactNode {
  return (
    <div className="min-h-24 rounded-lg border border-line bg-sunken px-3 py-2.5" aria-live="polite">
      <p className="mb-1 text-xs text-faint">What will happen</p>
      {estimate !== undefined ? (
        <>
          <p>
            {estimate.radius.requests > 0 && 'It touches '}
            {radiusWords(estimate.radius)}
          </p>
          {estimate.radius.objections.map(({ code, text }) => (
            <p key={code} className="mt-1 text-challenged-text">
              {text}
            </p>
          ))}
          <p className="mt-1">{outcomeWords(estimate)}</p>
        </>
      ) : error !== null ? (
        <p className="text-blocked-text">{refusalWords(error)}</p>
      ) : (
        <p className="text-mute">{isAsked ? 'Looking…' : 'Say whom it is about.'}</p>
      )}
    </div>
  );
}
