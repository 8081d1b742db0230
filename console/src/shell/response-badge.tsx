import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { postureQuery } from '../api/security.ts';

const MANY = 99;

/** How many responses are in force, beside their page in the navigation; loud while one waits for people. */
export function ResponseBadge({ className = '' }: { readonly className?: string }): ReactNode {
  const { data } = useQuery(postureQuery);
  const { acting = 0, waiting = 0 } = data?.responses ?? {};
  if (acting + waiting === 0) return null;
  const look = waiting > 0 ? 'bg-challenged-tint text-challenged-text' : 'bg-sunken text-mute';
  return (
    <span className={`rounded-full px-1.5 text-2xs font-medium numeric ${look} ${className}`}>
      {acting > MANY ? `${MANY}+` : acting}
      <span className="sr-only"> in force{waiting > 0 ? `, ${waiting} waiting for people` : ''}</span>
    </span>
  );
}
