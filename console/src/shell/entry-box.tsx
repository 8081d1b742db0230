import { useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { useCommand } from '../keys/commands.ts';
import { INPUT, INPUT_TEXT } from '../ui/parts.tsx';

interface EntryBoxProps {
  readonly label: string;
  readonly placeholder: string;
  readonly width: 'sm:w-64' | 'sm:w-80';
  readonly maxLength?: number;
  /** Beginnings that are offered until one of them was chosen. */
  readonly offers?: readonly string[];
  /** Takes what was typed. @returns whether it could be understood; what could not stays */
  readonly onEnter: (typed: string) => boolean;
}

/** The box that takes one filter after the other. */
export function EntryBox(props: EntryBoxProps): ReactNode {
  const { label, placeholder, width, maxLength, offers = [], onEnter } = props;
  const box = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  useCommand('filter-box', () => box.current?.focus());
  return (
    <form
      role="search"
      className={`w-full ${width}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (onEnter(typed)) setTyped('');
      }}
    >
      <input
        ref={box}
        type="search"
        {...(offers.length === 0 ? {} : { list: 'entry-offers' })}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
        aria-label={label}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        maxLength={maxLength}
        className={`${INPUT} ${INPUT_TEXT}`}
      />
      {offers.length > 0 && (
        <datalist id="entry-offers">
          {typed !== '' &&
            !typed.includes(':') &&
            offers.map((offer) => <option key={offer} value={offer} />)}
        </datalist>
      )}
    </form>
  );
}
