import { Ban, Hourglass, KeyRound, LockOpen } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import type { KeyView } from '../../api/keys.ts';
import { percent } from '../../format/number.ts';
import { MAX_USES } from './state.ts';

const STATES: Readonly<
  Record<KeyView['state'], { readonly label: string; readonly style: string; readonly icon: LucideIcon }>
> = {
  pending: { label: 'Seals soon', style: 'text-mute', icon: Hourglass },
  active: { label: 'Active', style: 'font-medium text-good-text', icon: KeyRound },
  'decrypt-only': { label: 'Decrypt only', style: 'text-ink', icon: LockOpen },
  retired: { label: 'Retired', style: 'text-faint', icon: Ban },
};

/** What a key does at present: a sign and a word. */
export function KeyStateMark({ state }: { readonly state: KeyView['state'] }): ReactNode {
  const { label, style, icon: Icon } = STATES[state];
  return (
    <span className={`inline-flex items-center gap-1.5 text-xs whitespace-nowrap ${style}`}>
      <Icon aria-hidden="true" className="size-3.5" />
      {label}
    </span>
  );
}

/** A share between 0 and 1 as a bar; what it says stands beside it. */
export function ShareBar({
  share,
  isGrave = false,
}: {
  readonly share: number;
  readonly isGrave?: boolean;
}): ReactNode {
  return (
    <span aria-hidden="true" className="block h-1.5 w-full overflow-hidden rounded-full bg-line">
      <span
        className={`block h-full rounded-full ${isGrave ? 'bg-challenged' : 'bg-allowed'}`}
        style={{ width: `${Math.min(1, Math.max(0, share)) * 100}%` }}
      />
    </span>
  );
}

/** How much of the bound of nonces a key has used. */
export function usesText(uses: number): string {
  return uses === 0 ? 'Not used' : percent(uses / MAX_USES);
}
