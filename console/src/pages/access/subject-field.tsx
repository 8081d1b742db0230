import { useEffect, useId, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { Field } from '../../ui/field.tsx';
import { useFoundAccounts, useKnownSubjects } from './api.ts';
import type { KnownSubject } from './api.ts';

const MAX_SUBJECT = 200;
/** Letters settle for this long before the server hears of them. */
const SETTLE_MS = 250;

/**
 * A principal: its identifier, or letters of a name that bring suggestions. A mail address typed in full becomes the
 * identifier of its account.
 */
export function SubjectField({
  label,
  value,
  fault,
  hint,
  required = true,
  first = false,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly fault?: string | undefined;
  readonly hint?: ReactNode;
  readonly required?: boolean;
  /** Whether the focus of a dialog begins here. */
  readonly first?: boolean;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const list = useId();
  const known = useKnownSubjects();
  const found = useFoundAccounts(useSettled(value.trim()));
  // What was found once stays named after its identifier has taken the place of the letters.
  const seen = useRef(new Map<string, KnownSubject>());
  for (const one of [...known, ...found]) seen.current.set(one.subject, one);
  const all = [...seen.current.values()];
  const chosen = all.find(({ subject }) => subject === value);
  const account = all.find(({ about }) => about.includes('@') && about === value.trim())?.subject;
  useEffect(() => {
    if (account !== undefined) onChange(account);
  }, [account]);
  return (
    <>
      <Field
        label={label}
        required={required}
        data-first={first ? '' : undefined}
        list={list}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={MAX_SUBJECT}
        placeholder="user:… or service:…"
        value={value}
        fault={fault}
        hint={
          chosen === undefined
            ? (hint ?? 'A name brings suggestions; others by their identifier.')
            : chosen.name
        }
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={list}>
        {all.map(({ subject, name, about }) => (
          <option key={subject} value={subject}>
            {about === '' || about === name ? name : `${name}, ${about}`}
          </option>
        ))}
      </datalist>
    </>
  );
}

function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
