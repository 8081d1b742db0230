import { Fingerprint, KeyRound, LifeBuoy, Mail, MessageSquare, Smartphone } from 'lucide-react';
import type { ReactNode } from 'react';
import type { AuthFactor } from '../../../../src/server/api/auth-types.ts';

const ICONS = {
  password: KeyRound,
  totp: Smartphone,
  backup: LifeBuoy,
  sms: MessageSquare,
  email: Mail,
  passkey: Fingerprint,
} as const satisfies Record<AuthFactor, unknown>;

/** The sign of a factor. Always beside its name. */
export function FactorIcon({ factor }: { readonly factor: AuthFactor }): ReactNode {
  const Icon = ICONS[factor];
  return <Icon aria-hidden="true" className="size-3.5 shrink-0" />;
}
