import type { ReactNode } from 'react';
import { Button } from '../../ui/parts.tsx';
import type { Asked } from './act-dialog.tsx';
import type { Act } from './words.ts';

/** An act as a button needs it: how to ask for it, or why it can't be. */
export interface ActPort {
  readonly ask: (asked: Asked) => void;
  readonly against: (kind: Act['kind']) => string | null;
}

/** A button that opens the dialog of an act; where it can't be done, it says why. */
export function ActButton({
  port,
  kind,
  label,
  isGrave = false,
  small = false,
}: {
  readonly port: ActPort;
  readonly kind: Exclude<Act['kind'], 'end-session'>;
  readonly label: string;
  readonly isGrave?: boolean;
  readonly small?: boolean;
}): ReactNode {
  const reason = port.against(kind);
  return (
    <span title={reason ?? undefined}>
      <Button
        small={small}
        look={isGrave ? 'danger' : 'plain'}
        disabled={reason !== null}
        aria-label={reason === null ? undefined : `${label} ${reason}`}
        onClick={() => port.ask({ kind })}
      >
        {label}
      </Button>
    </span>
  );
}
