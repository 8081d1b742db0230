import { CircleAlert } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import type { WordKey } from '../words/en.ts';
import { problemOf } from '../state/problem.ts';
import type { Problem } from '../state/problem.ts';
import { useSpeech } from '../words/speech.ts';
import type { Values } from '../words/speech.ts';

/** What a form's `submit` is handed: its inputs by name, trimmed unless they are passwords. */
export type Inputs = (name: string) => string;

/** A form's state: whether it is at work, and what was wrong with the last try. */
export interface FormState {
  readonly isBusy: boolean;
  readonly problem: Problem | null;
  /** Grows with each problem, so that the summary is focused anew. */
  readonly turn: number;
  readonly onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  readonly setProblem: (problem: Problem | null) => void;
}

/**
 * Runs a form. Inputs stay in the document alone: password managers may fill them as they like.
 * @param act returns a problem that it found itself, or nothing
 */
export function useForm(
  fields: readonly string[],
  act: (input: Inputs, form: HTMLFormElement) => Promise<Problem | null | void>,
): FormState {
  const [isBusy, setBusy] = useState(false);
  const [problem, setShown] = useState<Problem | null>(null);
  const [turn, setTurn] = useState(0);
  const isAlive = useRef(true);
  useEffect(() => {
    isAlive.current = true;
    return () => void (isAlive.current = false);
  }, []);
  const setProblem = (next: Problem | null): void => {
    if (!isAlive.current) return;
    setShown(next);
    setTurn((before) => before + 1);
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (isBusy) return;
    const form = event.currentTarget;
    const data = new FormData(form);
    const input: Inputs = (name) => {
      const value = data.get(name);
      const text = typeof value === 'string' ? value : '';
      return /password/i.test(name) ? text : text.trim();
    };
    setBusy(true);
    act(input, form)
      .then(
        (found) => setProblem(found ?? null),
        (error: unknown) => setProblem(problemOf(error, fields)),
      )
      .finally(() => {
        if (isAlive.current) setBusy(false);
      });
  };
  return { isBusy, problem, turn, onSubmit, setProblem };
}

/** Says above a form what is wrong, takes the focus, and leads to each field. */
export function ProblemNote({
  form,
  labels = {},
  values = {},
}: {
  readonly form: Pick<FormState, 'problem' | 'turn'>;
  /** Ids of the inputs by their names, where they differ. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly values?: Values;
}): ReactNode {
  const { t } = useSpeech();
  const note = useRef<HTMLDivElement>(null);
  const { problem, turn } = form;
  useEffect(() => {
    if (problem !== null) note.current?.focus();
  }, [problem, turn]);
  if (problem === null) return null;
  return (
    <div
      ref={note}
      role="alert"
      tabIndex={-1}
      className="mb-5 flex gap-2.5 rounded-lg border border-blocked/40 bg-blocked-tint px-3.5 py-3 text-sm text-blocked-text"
    >
      <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0">
        {problem.waitSeconds === null ? (
          problem.key !== null && <p>{t(problem.key, values)}</p>
        ) : (
          <Wait key={turn} seconds={problem.waitSeconds} />
        )}
        {problem.fields.length > 0 && (
          <>
            <p className="font-medium">{t('fault.summary')}</p>
            <ul className="mt-1 flex flex-col gap-1">
              {problem.fields.map(({ field, key }) => (
                <li key={`${field}${key}`}>
                  <a
                    href={`#${labels[field] ?? field}`}
                    onClick={(event) => {
                      // The address is left alone: its fragment may be what the page was opened with.
                      event.preventDefault();
                      document.getElementById(labels[field] ?? field)?.focus();
                    }}
                    className="underline underline-offset-2"
                  >
                    {t(key, values)}
                  </a>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </div>
  );
}

/** Counts a wait down; it is read out at its beginning and at its end alone. */
function Wait({ seconds }: { readonly seconds: number }): ReactNode {
  const { t, wait } = useSpeech();
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    const endsAtMs = Date.now() + seconds * 1000;
    const timer = setInterval(() => setLeft(Math.max(0, Math.ceil((endsAtMs - Date.now()) / 1000))), 500);
    return () => clearInterval(timer);
  }, [seconds]);
  if (left === 0) return <p>{t('error.waitOver')}</p>;
  return (
    <p>
      <span aria-hidden="true" className="numeric">
        {t('error.wait', { time: wait(left) })}
      </span>
      <span className="sr-only">{t('error.wait', { time: wait(seconds) })}</span>
    </p>
  );
}

/** The sentence that belongs to a field, if it has a fault. */
export function faultOf({ problem }: Pick<FormState, 'problem'>, field: string): WordKey | undefined {
  return problem?.fields.find((one) => one.field === field)?.key;
}
