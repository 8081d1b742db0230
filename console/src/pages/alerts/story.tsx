import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { type AlertNote, postAct } from '../../api/alerts.ts';
import { refusalWords } from '../../api/faults.ts';
import { useView } from '../../state/view.ts';
import { Button, INPUT_TEXT, Panel } from '../../ui/parts.tsx';
import { When } from '../../ui/when.tsx';
import { By } from '../shield/by.tsx';
import { noteWords } from './words.ts';

/** What happened with an alert, oldest first: who was told by which channel, who did what, and what people wrote. */
export function Story({
  id,
  notes,
  against,
  asked,
}: {
  readonly id: string;
  readonly notes: readonly AlertNote[];
  readonly against: string | null;
  /** Changes when somebody wants to write. */
  readonly asked: number;
}): ReactNode {
  return (
    <Panel title="Story">
      <ol className="space-y-2.5 text-sm">
        {notes.map((note, at) => (
          // Lines are only ever added at the end, and several may be of one moment.
          <Line key={at} note={note} />
        ))}
      </ol>
      {against === null && <NoteForm id={id} asked={asked} />}
    </Panel>
  );
}

function Line({ note }: { readonly note: AlertNote }): ReactNode {
  const { atMs, by, kind } = note;
  const { what, whom, text } = noteWords(note);
  return (
    <li className="flex items-baseline gap-x-3">
      <span aria-hidden="true" className="size-1.5 shrink-0 -translate-y-0.5 rounded-full bg-control" />
      <div className="min-w-0 flex-1">
        <p className="text-mute">
          {by !== null && (
            <span className="font-medium text-ink">
              <By actor={by} />{' '}
            </span>
          )}
          {by === null ? what.charAt(0).toUpperCase() + what.slice(1) : what}
          {whom !== null && (
            <>
              {' '}
              <By actor={whom} />
            </>
          )}
        </p>
        {text !== '' && (
          <p
            className={`break-words whitespace-pre-wrap ${kind === 'note' ? 'text-ink' : 'text-xs text-faint'}`}
          >
            {text}
          </p>
        )}
      </div>
      <span className="shrink-0 text-xs text-faint">
        <When atMs={atMs} />
      </span>
    </li>
  );
}

function NoteForm({ id, asked }: { readonly id: string; readonly asked: number }): ReactNode {
  const { search, change } = useView();
  const client = useQueryClient();
  const field = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState('');
  const isAsked = search.tab === 'note';
  useEffect(() => {
    if (asked > 0 || isAsked) box.current?.focus();
  }, [asked, isAsked]);
  const leave = (): void => {
    const { tab: _, ...rest } = search;
    if (isAsked) change(rest, true);
    const row = document.querySelector<HTMLElement>(`[data-alert="${CSS.escape(id)}"] a`);
    if (row === null) box.current?.blur();
    else row.focus();
  };
  const send = useMutation({
    mutationFn: () => postAct(id, 'note', { text }),
    onSuccess: () => {
      setText('');
      leave();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['alerts'] }),
  });
  return (
    <form
      className="mt-4 border-t border-line pt-3 text-sm"
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate();
      }}
    >
      <label htmlFor={field} className="font-medium">
        Note
      </label>
      <textarea
        id={field}
        ref={box}
        rows={2}
        required
        maxLength={1000}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') leave();
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey))
            event.currentTarget.form?.requestSubmit();
        }}
        className={`${INPUT_TEXT} mt-1 block w-full rounded-md border border-edge bg-panel px-2.5 py-1.5 text-sm text-ink`}
      />
      {send.error && (
        <p role="alert" className="mt-1 text-xs text-blocked-text">
          {refusalWords(send.error)}
        </p>
      )}
      <div className="mt-2 flex items-center justify-end gap-3">
        <span className="text-xs text-faint">Ctrl or ⌘ with Enter adds it</span>
        <Button small type="submit" disabled={send.isPending || text.trim() === ''}>
          Add note
        </Button>
      </div>
    </form>
  );
}
