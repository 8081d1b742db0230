import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { useCommand } from '../../keys/commands.ts';
import { MAX_QUERY } from '../../state/search.ts';
import { useView } from '../../state/view.ts';
import { INPUT, INPUT_TEXT } from '../../ui/parts.tsx';

/** Letters settle for this long before the address bar hears of them. */
const SETTLE_MS = 150;

/** Narrows the list to statements that hold some letters; they stand in the address. */
export function SearchBox(): ReactNode {
  const { search, change } = useView();
  const box = useRef<HTMLInputElement>(null);
  const inUrl = search.q ?? '';
  const [typed, setTyped] = useState(inUrl);
  useCommand('filter-box', () => box.current?.focus());
  // Back and forward change the address; what is being typed is not overwritten by its own echo.
  useEffect(() => {
    if (document.activeElement !== box.current) setTyped(inUrl);
  }, [inUrl]);
  useEffect(() => {
    if (typed === inUrl) return undefined;
    const timer = setTimeout(() => {
      const { q: _, ...rest } = search;
      change(typed.trim() === '' ? rest : { ...rest, q: typed }, true);
    }, SETTLE_MS);
    return () => clearTimeout(timer);
    // Typing alone starts the clock.
  }, [typed]);
  return (
    <input
      ref={box}
      type="search"
      aria-label="Search statements"
      placeholder="Table, column or word"
      autoComplete="off"
      spellCheck={false}
      maxLength={MAX_QUERY}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      className={`${INPUT} ${INPUT_TEXT} sm:w-64`}
    />
  );
}
