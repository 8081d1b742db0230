import { X } from 'lucide-react';
import { useEffect, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/parts.tsx';
import { useSpeech } from '../words/speech.ts';

interface Said {
  readonly id: number;
  readonly text: string;
}
const STAY_MS = 8000;
/** More than these at once nobody reads. */
const MOST = 3;

let said: readonly Said[] = [];
let lastId = 0;
const listeners = new Set<() => void>();
function set(next: readonly Said[]): void {
  said = next;
  for (const listener of listeners) listener();
}

/** Says something short at the foot of the page, for 8 s. */
export function toast(text: string): void {
  lastId += 1;
  set([...said, { id: lastId, text }].slice(-MOST));
}

/** Where the messages appear. */
export function Toasts(): ReactNode {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => said,
  );
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-4 bottom-6 z-50 flex flex-col items-center gap-2 print:hidden"
    >
      {shown.map((one) => (
        <Line key={one.id} one={one} />
      ))}
    </div>
  );
}

function Line({ one }: { readonly one: Said }): ReactNode {
  const { t } = useSpeech();
  useEffect(() => {
    const timer = setTimeout(() => set(said.filter(({ id }) => id !== one.id)), STAY_MS);
    return () => clearTimeout(timer);
  }, [one.id]);
  return (
    <div className="pointer-events-auto flex max-w-md animate-enter items-center gap-2 rounded-lg bg-raised py-1.5 ps-3.5 pe-1.5 text-sm shadow-pop">
      <span>{one.text}</span>
      <Button
        small
        icon
        look="quiet"
        aria-label={t('act.close')}
        onClick={() => set(said.filter(({ id }) => id !== one.id))}
      >
        <X aria-hidden="true" className="size-3.5" />
      </Button>
    </div>
  );
}
