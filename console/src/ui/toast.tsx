import { X } from 'lucide-react';
import { useEffect, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { Button } from './parts.tsx';

/** A short message with, at most, one thing to do about it. */
interface Toast {
  readonly id: number;
  readonly text: string;
  readonly action?: {
    readonly label: string;
    readonly run: () => void;
    /** How long it is offered, in milliseconds; default 30 s. */
    readonly stayMs?: number;
  };
}
const STAY_MS = 8000;
const UNDO_STAY_MS = 30_000;

let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();
function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

/** Says something at the foot of the page. With an action (undo) it stays for 30 s. */
export function toast(text: string, action?: Toast['action']): void {
  lastId += 1;
  set([...toasts.slice(-2), { id: lastId, text, ...(action === undefined ? {} : { action }) }]);
}
/** Runs the action of the newest toast that has one; what the key `u` does. */
export function runLastToast(): void {
  const newest = toasts.findLast((one) => one.action !== undefined);
  if (newest) act(newest);
}
function act({ id, action }: Toast): void {
  set(toasts.filter((one) => one.id !== id));
  action?.run();
}

/** Where the messages appear. */
export function Toasts(): ReactNode {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-4 bottom-20 z-50 flex flex-col items-center gap-2 lg:bottom-6"
    >
      {shown.map((one) => (
        <ToastLine key={one.id} toast={one} />
      ))}
    </div>
  );
}

function ToastLine({ toast: one }: { readonly toast: Toast }): ReactNode {
  const dismiss = (): void => set(toasts.filter((other) => other.id !== one.id));
  useEffect(() => {
    const timer = setTimeout(
      dismiss,
      one.action === undefined ? STAY_MS : (one.action.stayMs ?? UNDO_STAY_MS),
    );
    return () => clearTimeout(timer);
  });
  return (
    <div className="pointer-events-auto flex max-w-md animate-enter items-center gap-2 rounded-lg bg-raised py-1.5 pr-1.5 pl-3.5 text-sm shadow-pop">
      <span className="mr-2">{one.text}</span>
      {one.action && (
        <Button small onClick={() => act(one)}>
          {one.action.label}
        </Button>
      )}
      <Button small icon look="quiet" aria-label="Dismiss" onClick={dismiss}>
        <X className="size-3.5" />
      </Button>
    </div>
  );
}
