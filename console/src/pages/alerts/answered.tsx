import { useQuery } from '@tanstack/react-query';
import { Hourglass, Zap } from 'lucide-react';
import type { ReactNode } from 'react';
import type { AlertEntry } from '../../api/alerts.ts';
import { inForceQuery, type ResponseEntry } from '../../api/responses.ts';
import { duration } from '../../format/time.ts';
import { useNow } from '../../ui/when.tsx';
import { actWords } from '../responses/words.ts';
import { groupFields } from './acts.ts';

/** Responses in force because of an alert or against whom it is about; those of the very alert first. */
export function useAnswers(alert: Pick<AlertEntry, 'id' | 'group'>): readonly ResponseEntry[] {
  const { data } = useQuery(inForceQuery);
  const whom = new Set(groupFields(alert.group ?? '').map(([, value]) => bare(value)));
  const isOfIt = (one: ResponseEntry): boolean => one.alert === alert.id;
  return (data?.responses ?? [])
    .filter((one) => isOfIt(one) || whom.has(bare(one.target)))
    .toSorted((a, b) => Number(isOfIt(b)) - Number(isOfIt(a)));
}

const bare = (name: string): string => name.replace(/^user:/, '');

/**
 * What is in force because of an alert, or against whom it is about, and for how much longer: a reader of the list sees what
 * is done already.
 */
export function Answered({ alert }: { readonly alert: AlertEntry }): ReactNode {
  const [first, ...others] = useAnswers(alert);
  const now = useNow(10_000);
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
