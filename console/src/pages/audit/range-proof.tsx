import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { refusalWords } from '../../api/faults.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { plural, whole } from '../../format/number.ts';
import { StepUpCancelled } from '../../state/step-up.ts';
import { Field } from '../../ui/field.tsx';
import { Button, Code, Panel } from '../../ui/parts.tsx';
import { toast } from '../../ui/toast.tsx';
import { MAX_EXPORTED } from './bounds.ts';
import { saveRange } from './files.ts';
import { rangeFaults, rangeOf } from './range.ts';

/** Events of a range in one file, with what leads them to a signed checkpoint. */
export function RangeProof({ signed }: { readonly signed: number }): ReactNode {
  const against =
    useReasonAgainst('administrator') ?? (signed === 0 ? 'No checkpoint was signed yet.' : null);
  const [given, setGiven] = useState({ from: '', to: '', type: '', actor: '', subject: '' });
  const [payloads, setPayloads] = useState(false);
  const [isTried, setTried] = useState(false);
  const [events, setEvents] = useState(0);
  const faults = rangeFaults(given, signed);
  const run = useMutation({
    mutationFn: () => saveRange({ ...rangeOf(given, signed), payloads }, setEvents),
    onMutate: () => setEvents(0),
    onSuccess: (count) => toast(`The proof of ${plural(count, 'event')} was saved`),
    onError: (error) => {
      if (!(error instanceof StepUpCancelled)) toast(refusalWords(error));
    },
  });
  const field = (name: keyof typeof given, label: string, hint?: string): ReactNode => (
    <Field
      label={label}
      value={given[name]}
      hint={hint}
      maxLength={300}
      autoComplete="off"
      spellCheck={false}
      inputMode={name === 'from' || name === 'to' ? 'numeric' : undefined}
      fault={isTried ? faults[name] : undefined}
      onChange={(event) => setGiven({ ...given, [name]: event.target.value })}
    />
  );
  return (
    <Panel title="Proof of a range">
      <form
        noValidate
        className="space-y-3 text-sm"
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (Object.keys(faults).length === 0) run.mutate();
        }}
      >
        <p className="text-mute">
          All events between two places, and what leads them to the signed checkpoint: the offline verifier
          and <Code>rampart audit verify</Code> name the first that was changed, left out, added or moved. Up
          to {whole(MAX_EXPORTED)} events.
        </p>
        <div className="grid gap-3 sm:grid-cols-2">
          {field('from', 'From place', 'The first event has 0.')}
          {field('to', 'To place', `Signed up to ${whole(Math.max(0, signed - 1))}.`)}
        </div>
        <label className="flex items-center gap-2">
          <input type="checkbox" checked={payloads} onChange={(event) => setPayloads(event.target.checked)} />
          With personal data, after a fresh proof that it is you
        </label>
        {payloads && (
          <fieldset className="space-y-3">
            <legend className="mb-2 text-xs text-faint">
              Only of events that fit all of these; the others stay closed, and provable.
            </legend>
            <div className="grid gap-3 sm:grid-cols-3">
              {field('type', 'Type')}
              {field('actor', 'Actor')}
              {field('subject', 'Subject')}
            </div>
          </fieldset>
        )}
        <span className="block" title={against ?? undefined}>
          <Button type="submit" disabled={run.isPending || against !== null}>
            {run.isPending ? `${whole(events)} events…` : 'Download the proof'}
          </Button>
          {against !== null && <span className="ml-2 text-xs text-faint">{against}</span>}
        </span>
      </form>
    </Panel>
  );
}
