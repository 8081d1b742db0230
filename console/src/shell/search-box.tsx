import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { useCommand } from '../keys/commands.ts';
import { MAX_QUERY } from '../state/search.ts';
import { useView } from '../state/view.ts';
import { INPUT, INPUT_TEXT } from '../ui/parts.tsx';

/** Narrows a list to what holds some letters; they stand in the address. */
export function SearchBox({
  label,
  placeholder,
  settleMs,
}: {
  /** Such as `Search statements`. */
  readonly label: string;
  /** What can be looked for. */
  readonly placeholder: string;
  /** Letters settle for this long before the address bar, and the server where it searches, hear of them. */
  readonly settleMs: number;
}): ReactNode {
  const { search, change } = useView();
  const box = useRef<HTMLInputElement>(null);
  const inUrl = search.q ?? '';
  const [typed, setTyped] = useState(inUrl);
  useCommand('filter-box', () => box.current?.focus());
  // Back, forward and the palette change the address; what is being typed is not overwritten by its own echo.
  useEffect(() => {
    if (document.activeElement !== box.current) setTyped(inUrl);
  }, [inUrl]);
  useEffect(() => {
    if (typed === inUrl) return undefined;
    const timer = setTimeout(() => {
      const { q: _, ...rest } = search;
      change(typed.trim() === '' ? rest : { ...rest, q: typed }, true);
    }, settleMs);
    return () => clearTimeout(timer);
    // Typing alone starts the clock.
  }, [typed]);
  return (
    <input
      ref={box}
      type="search"
      aria-label={label}
      placeholder={placeholder}
      autoComplete="off"
      spellCheck={false}
      maxLength={MAX_QUERY}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      className={`${INPUT} ${INPUT_TEXT} sm:w-60`}
    />
  );
}
