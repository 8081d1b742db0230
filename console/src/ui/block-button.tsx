import { Ban } from 'lucide-react';
import type { ReactNode } from 'react';
import { askToBlock } from '../state/block-ask.ts';
import { Button } from './parts.tsx';

/** Beside a value: asks to block what it stands for. */
export function BlockButton({
  target,
  className = '',
}: {
  readonly target: string;
  readonly className?: string;
}): ReactNode {
  return (
    <Button
      small
      icon
      look="quiet"
      className={className}
      title="Block…"
      aria-label={`Block ${target}…`}
      onClick={() => askToBlock(target)}
    >
      <Ban aria-hidden="true" className="size-3.5" />
    </Button>
  );
}
