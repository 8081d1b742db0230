import { Link } from '@tanstack/react-router';
import { Clock } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../ui/parts.tsx';
import { useNow, When } from '../../ui/when.tsx';
import { useKnownSubjects } from './api.ts';
import { leftWords } from './expiry.ts';

/** Class of a cell in the tables of access. */
export const CELL = 'px-2 py-2.5 align-top first:pl-4 last:pr-4';
/** A heading of a column. */
export function Th({
  children,
  className = '',
}: {
  readonly children: ReactNode;
  readonly className?: string;
}): ReactNode {
  return (
    <th
      scope="col"
      className={`px-2 py-2 text-left text-xs font-medium text-faint first:pl-4 last:pr-4 ${className}`}
    >
      {children}
    </th>
  );
}

/** A principal by its name where that is known, and by its identifier where not; leads to it. */
export function Subject({
  subject,
  linked = true,
}: {
  readonly subject: string;
  readonly linked?: boolean;
}): ReactNode {
  const name = useKnownSubjects().find((one) => one.subject === subject)?.name;
  const text =
    name === undefined ? (
      <span className="font-mono text-xs break-all">{subject}</span>
    ) : (
      <span className="break-words">{name}</span>
    );
  const id = subject.slice(subject.indexOf(':') + 1);
  const look = 'rounded-sm hover:underline hover:underline-offset-4';
  if (linked && subject.startsWith('user:'))
    return (
      <Link to="/users/$id" params={{ id }} title={subject} className={look}>
        {text}
      </Link>
    );
  if (linked && subject.startsWith('service:'))
    return (
      <Link to="/access/programs" search={{ tab: id }} title={subject} className={look}>
        {text}
      </Link>
    );
  return <span title={subject}>{text}</span>;
}

/** A role in a frame. */
export function RoleTag({ role }: { readonly role: string }): ReactNode {
  return (
    <span className="inline-flex min-h-5 items-center rounded border border-control px-1.5 text-xs break-all text-ink">
      {role}
    </span>
  );
}

/** What is left of a time; little is marked with a clock. */
export function Left({ expiresAtMs }: { readonly expiresAtMs: number | null }): ReactNode {
  const now = useNow(60_000);
  const { text, state } = leftWords(expiresAtMs, now);
  if (expiresAtMs === null || state === 'over') return <span className="text-mute">{text}</span>;
  return state === 'soon' ? (
    <span className="inline-flex items-center gap-1 font-medium text-challenged-text">
      <Clock aria-hidden="true" className="size-3.5" />
      <When atMs={expiresAtMs} />
    </span>
  ) : (
    <When atMs={expiresAtMs} />
  );
}

/** A button that says why it can't be pressed. */
export function MayButton({
  against,
  label,
  about,
  solid = false,
  small = false,
  danger = false,
  onClick,
}: {
  readonly against: string | null;
  readonly label: string;
  /** What it is about, for those who hear the button alone: `support of Ada`. */
  readonly about?: string;
  readonly solid?: boolean;
  readonly small?: boolean;
  readonly danger?: boolean;
  readonly onClick: () => void;
}): ReactNode {
  const name = about === undefined ? label : `${label} ${about}`;
  return (
    <span title={against ?? undefined}>
      <Button
        small={small}
        look={solid ? 'solid' : danger ? 'danger' : 'plain'}
        disabled={against !== null}
        aria-label={against === null ? name : `${name}. ${against}`}
        onClick={onClick}
      >
        {label}
      </Button>
    </span>
  );
}
