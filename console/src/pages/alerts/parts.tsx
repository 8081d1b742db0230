import { Link } from '@tanstack/react-router';
import { CircleAlert, CircleCheck, CircleSlash, Eye } from 'lucide-react';
import type { ReactNode } from 'react';
import type { AlertState } from '../../api/alerts.ts';
import { useSession } from '../../api/identity.ts';
import { By } from '../shield/by.tsx';
import { groupFields, STATE_LABEL } from './acts.ts';

const STATE_ICON = {
  ACTIVE: CircleAlert,
  INVESTIGATING: Eye,
  RESOLVED: CircleCheck,
  FALSE_POSITIVE: CircleSlash,
} as const;

/** State as a sign and a word. */
export function StateBadge({ state }: { readonly state: AlertState }): ReactNode {
  const Icon = STATE_ICON[state];
  const look = state === 'ACTIVE' ? 'border-control text-ink' : 'border-line text-mute';
  return (
    <span
      className={`inline-flex h-5 items-center gap-1 rounded-full border px-2 text-xs font-medium whitespace-nowrap ${look}`}
    >
      <Icon aria-hidden="true" className="size-3" />
      {STATE_LABEL[state]}
    </span>
  );
}

/** What a field is called: a network of one address is that address, and `details.cardPrefix` the card prefix. */
function fieldWord(field: string, value: string): string {
  if (field === 'network' && !value.includes('/')) return 'address';
  return field.replace(/^details\./, '').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Whom or what an alert is about, as text. */
export function aboutText(group: string | null): string {
  if (group === null) return 'the whole site';
  return groupFields(group)
    .map(([field, value]) => (field === 'subject' ? value : `${fieldWord(field, value)} ${value}`))
    .join(', ');
}

const LINK = 'rounded-sm underline decoration-edge underline-offset-4 hover:decoration-ink';

/** The same, leading to what is known of it. */
export function About({ group }: { readonly group: string | null }): ReactNode {
  if (group === null) return 'The whole site';
  return (
    <ul>
      {groupFields(group).map(([field, value]) => (
        <li key={field} className="break-all">
          {field !== 'subject' && <span className="text-faint">{fieldWord(field, value)} </span>}
          <Value field={field} value={value} />
        </li>
      ))}
    </ul>
  );
}

function Value({ field, value }: { readonly field: string; readonly value: string }): ReactNode {
  if (field === 'network' || field === 'address')
    return (
      <Link
        to="/decisions"
        search={{ range: '24h', filter: [`${value.includes('/') ? 'group' : 'address'}:${value}`] }}
        className={LINK}
        title="Its decisions of the last 24 hours"
      >
        {value}
      </Link>
    );
  const account = /^(?:user:)?(acc_\w+)$/.exec(value)?.[1];
  if (account !== undefined) return <By actor={`user:${account}`} />;
  return value;
}

/** Who has an alert. */
export function Assignee({ name }: { readonly name: string | null }): ReactNode {
  const { actor } = useSession();
  if (name === null) return <span className="text-faint">Nobody</span>;
  return name === actor ? 'You' : <By actor={name} />;
}
