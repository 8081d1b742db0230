import { useQuery } from '@tanstack/react-query';
import { Hourglass, Zap } from 'lucide-react';
import type { ReactNode } from 'react';
import type { AlertEntry } from '../../api/alerts.ts';
import { inForceQuery } from '../../api/responses.ts';
import { duration } from '../../format/time.ts';
import { useNow } from '../../ui/when.tsx';
import { actWords } from '../responses/words.ts';
import { groupFields } from './acts.ts';

/**
 * What is in force because of an alert, or against whom it is about, and for how much longer: a reader of the list sees what
 * is done already.
 */
export function Answered({ alert }: { readonly alert: AlertEntry }): ReactNode {
  const { data } = useQuery(inForceQuery);
  const now = useNow(10_000);
  const whom = new Set(groupFields(alert.group ?? '').map(([, value]) => value.replace(/^user:/, '')));
  const found = (data?.responses ?? []).filter(
    (one) => one.alert === alert.id || whom.has(one.target.replace(/^user:/, '')),
  );
  // What was begun for this very alert says most.
  const [first, ...others] = found.toSorted(
    (a, b) => Number(b.alert === alert.id) - Number(a.alert === alert.id),
  );
  if (first === undefined) return null;
  const isWaiting = first.state === 'waiting';
  const Icon = isWaiting ? Hourglass : Zap;
  return (
    <span
      data-answered
      className={`inline-flex min-w-0 items-center gap-1 font-medium ${isWaiting ? 'text-challenged-text' : 'text-blocked-text'}`}
    >
      <Icon aria-hidden="true" className="size-3 shrink-0" />
      <span className="truncate">
        {actWords(first)}
        {isWaiting
          ? ', waits for people'
          : first.expiresAtMs > now && `, ${duration(first.expiresAtMs - now, 1)} left`}
        {others.length > 0 && ` and ${others.length} more`}
      </span>
    </span>
  );
}
