import { X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from './parts.tsx';

/**
 * A dialog of the platform: it traps focus, closes on Escape and gives focus back by itself. Focus begins at what carries
 * `data-first`.
 */
export function Modal({
  title,
  onClose,
  children,
  bare = false,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Without heading and padding; the content shows its own. */
  readonly bare?: boolean;
}): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    element?.querySelector<HTMLElement>('[data-first]')?.focus();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={title}
      // A dialog that was opened again before this arrived (effects run twice while developing) is not closed.
      onClose={() => {
        if (dialog.current?.open !== true) onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === dialog.current) dialog.current.close();
      }}
      className={`m-auto w-[min(32rem,calc(100vw-2rem))] animate-enter overflow-hidden rounded-xl bg-raised text-ink shadow-pop ${bare ? 'mt-[12vh]' : ''}`}
    >
      {bare ? (
        children
      ) : (
        <div className="max-h-[85vh] overflow-y-auto p-5">
          <div className="mb-4 flex items-center justify-between gap-4">
            <h2 className="text-base font-semibold">{title}</h2>
            <Button icon small look="quiet" aria-label="Close" onClick={() => dialog.current?.close()}>
              <X className="size-4" />
            </Button>
          </div>
          {children}
        </div>
      )}
    </dialog>
  );
}

/** Something small that opens beside its button; Escape or a click elsewhere closes it. */
export function Popover({
  label,
  button,
  children,
  side = 'below-right',
}: {
  readonly label: string;
  readonly button: ReactNode;
  readonly children: ReactNode;
  readonly side?: 'below-right' | 'above-left';
}): ReactNode {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const away = (event: Event): void => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    const escape = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      setOpen(false);
      root.current?.querySelector('button')?.focus();
    };
    document.addEventListener('pointerdown', away);
    document.addEventListener('focusin', away);
    root.current?.addEventListener('keydown', escape);
    const element = root.current;
    return () => {
      document.removeEventListener('pointerdown', away);
      document.removeEventListener('focusin', away);
      element?.removeEventListener('keydown', escape);
    };
  }, [open]);
  const place = side === 'below-right' ? 'top-full right-0 mt-2' : 'bottom-full left-0 mb-2';
  return (
    <div ref={root} className="relative">
      <Button
        icon
        look="quiet"
        aria-label={label}
        title={label}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {button}
      </Button>
      {open && (
        <div
          role="group"
          aria-label={label}
          className={`absolute z-40 w-64 animate-enter rounded-xl bg-raised p-4 shadow-pop ${place}`}
        >
          {children}
        </div>
      )}
    </div>
  );
}
