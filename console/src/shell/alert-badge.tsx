import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { openAlertsQuery } from '../api/alerts.ts';

const MANY = 99;

/** How many alerts are open, beside their page in the navigation; loud while a critical one is nobody's. */
export function AlertBadge({ className = '' }: { readonly className?: string }): ReactNode {
  const { data } = useQuery(openAlertsQuery);
  if (data === undefined) return null;
  const open = data.counts.ACTIVE + data.counts.INVESTIGATING;
  if (open === 0) return null;
  const isLoud = data.alerts.some(({ severity, state }) => severity === 'CRITICAL' && state === 'ACTIVE');
  const look = isLoud ? 'bg-blocked-tint text-blocked-text' : 'bg-sunken text-mute';
  return (
    <span className={`rounded-full px-1.5 text-2xs font-medium numeric ${look} ${className}`}>
      {open > MANY ? `${MANY}+` : open}
      <span className="sr-only"> open{isLoud ? ', one of them critical' : ''}</span>
    </span>
  );
}
