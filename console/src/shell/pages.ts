import {
  Activity,
  Ban,
  BellRing,
  Database,
  FileLock2,
  FileUp,
  Gauge,
  HeartPulse,
  KeyRound,
  ListTree,
  Mailbox,
  ScrollText,
  Shield,
  ShieldCheck,
  Users,
  Zap,
} from 'lucide-react';
import type { SessionAnswer } from '../../../src/server/api/types.ts';
import type { ViewSearch } from '../state/search.ts';

/** The pages of the console, in the order of the navigation. */
export const PAGES = [
  { to: '/', label: 'Overview', icon: Activity, command: 'go-overview' },
  { to: '/alerts', label: 'Alerts', icon: BellRing, command: 'go-alerts' },
  { to: '/responses', label: 'Responses', icon: Zap, command: 'go-responses' },
  { to: '/decisions', label: 'Decisions', icon: ListTree, command: 'go-decisions' },
  { to: '/shield', label: 'Shield', icon: Shield, command: 'go-shield' },
  { to: '/limits', label: 'Limits', icon: Gauge, command: 'go-limits' },
  { to: '/blocks', label: 'Blocks', icon: Ban, command: 'go-blocks' },
  { to: '/events', label: 'Events', icon: ScrollText, command: 'go-events' },
  { to: '/audit', label: 'Audit log', icon: FileLock2, command: 'go-audit' },
  { to: '/users', label: 'Users', icon: Users, command: 'go-users' },
  { to: '/access', label: 'Access', icon: ShieldCheck, command: 'go-access' },
  { to: '/uploads', label: 'Uploads', icon: FileUp, command: 'go-uploads' },
  { to: '/keys', label: 'Keys', icon: KeyRound, command: 'go-keys' },
  { to: '/queries', label: 'Statements', icon: Database, command: 'go-statements' },
  { to: '/mailbox', label: 'Mailbox', icon: Mailbox, command: 'go-mailbox' },
  { to: '/health', label: 'Health', icon: HeartPulse, command: 'go-health' },
] as const;
export type ConsolePage = (typeof PAGES)[number];

/**
 * The pages that are there for this reader: keys for administrators; the mailbox, too, and only where mails are kept; who has
 * access to what is not for viewers.
 */
export function pagesFor({ mailbox, role }: Pick<SessionAnswer, 'mailbox' | 'role'>): readonly ConsolePage[] {
  return PAGES.filter(({ to }) => {
    if (to === '/keys') return role === 'administrator';
    if (to === '/mailbox') return mailbox && role === 'administrator';
    return to !== '/access' || role !== 'viewer';
  });
}

/** Filters and range go along between the pages that understand them. */
export function carry(search: ViewSearch): ViewSearch {
  const { range, from, to, filter, exclude } = search;
  return JSON.parse(JSON.stringify({ range, from, to, filter, exclude })) as ViewSearch;
}

/** Look of a link in the navigation. */
export const NAV_ITEM =
  'flex items-center rounded-md text-mute transition-colors hover:bg-hover hover:text-ink aria-[current=page]:text-ink';
