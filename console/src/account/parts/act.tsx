import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ComponentProps, ReactNode } from 'react';
import { Button } from '../../ui/parts.tsx';
import { useSpeech } from '../words/speech.ts';

type ActProps = ComponentProps<typeof Button> & { readonly isBusy?: boolean; readonly wide?: boolean };

/** A button of the account pages: at least 40 px high, so that thumbs meet it. Keeps its place while it works. */
export function Act({
  isBusy = false,
  wide = false,
  className = '',
  children,
  ...rest
}: ActProps): ReactNode {
  const { t } = useSpeech();
  return (
    <Button
      {...rest}
      aria-busy={isBusy}
      disabled={rest.disabled === true || isBusy}
      className={`min-h-10 px-4 ${wide ? 'w-full' : ''} ${className}`}
    >
      {isBusy ? t('act.working') : children}
    </Button>
  );
}

/** Copies a text and says so. */
export function CopyAct({ text, label }: { readonly text: string; readonly label?: string }): ReactNode {
  const { t } = useSpeech();
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), 3000);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const Icon = isCopied ? Check : Copy;
  return (
    <>
      <Act onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}>
        <Icon aria-hidden="true" className="size-4" />
        {isCopied ? t('act.copied') : (label ?? t('act.copy'))}
      </Act>
      <span role="status" className="sr-only">
        {isCopied ? t('act.copied') : ''}
      </span>
    </>
  );
}
