import { X } from 'lucide-react';
import { useEffect, useId, useRef } from 'react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/parts.tsx';
import { useSpeech } from '../words/speech.ts';
import { Act } from './act.tsx';
import { ProblemNote, useForm } from './problem.tsx';

/** A dialog of the platform: it keeps the focus, closes on Escape and gives the focus back. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}): ReactNode {
  const { t } = useSpeech();
  const own = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // The platform would begin at the button that closes.
    element?.querySelector<HTMLElement>('input:not([type="hidden"])')?.focus();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={own}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      className="m-auto w-[min(28rem,calc(100vw-2rem))] animate-enter overflow-hidden rounded-2xl bg-raised text-ink shadow-pop"
    >
      <div className="max-h-[88vh] overflow-y-auto p-5 sm:p-6">
        <div className="mb-3 flex items-start justify-between gap-4">
          <h2 id={own} className="pt-0.5 text-lg font-semibold tracking-tight text-balance">
            {title}
          </h2>
          <Button icon look="quiet" aria-label={t('act.close')} onClick={onClose}>
            <X aria-hidden="true" className="size-4" />
          </Button>
        </div>
        {children}
      </div>
    </dialog>
  );
}

/** Asks before something that cannot be undone. */
export function Confirm({
  title,
  text,
  label,
  act,
  onClose,
}: {
  readonly title: string;
  readonly text: string;
  /** What the button says. */
  readonly label: string;
  readonly act: () => Promise<void>;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useSpeech();
  const form = useForm([], act);
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={form.onSubmit}>
        <ProblemNote form={form} />
        <p className="text-mute">{text}</p>
        <div className="mt-6 flex flex-wrap justify-end gap-2">
          <Act onClick={onClose}>{t('act.cancel')}</Act>
          <Act type="submit" look="danger" isBusy={form.isBusy}>
            {label}
          </Act>
        </div>
      </form>
    </Dialog>
  );
}
