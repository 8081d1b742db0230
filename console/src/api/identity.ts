import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import type { PasswordRules, StepUpOptions } from '../../../src/server/api/auth-types.ts';
import type { SessionAnswer } from '../../../src/server/api/types.ts';
import type {
  ConsoleRole,
  MailboxAnswer,
  UserAnswer,
  UsersAnswer,
} from '../../../src/server/api/user-types.ts';
import type { ViewSearch } from '../state/search.ts';
import { api, ApiError } from './client.ts';
import { sessionQuery } from './queries.ts';

/** Users on a page of the list. */
const PAGE_USERS = 50;
/** Mails are looked for this often while the mailbox is shown. */
const MAILBOX_EVERY_MS = 3000;

/** What of the address bar narrows the list of users. */
export interface UserFilter {
  readonly q: string;
  readonly status: string;
  readonly role: string;
}
export function userFilterOf({ q = '', status = '', role = '' }: ViewSearch): UserFilter {
  return { q: q.trim(), status, role };
}

/** Search and filters of the list go along to a user and back. */
export function carryUserFilter({ q, status, role }: ViewSearch): ViewSearch {
  return JSON.parse(JSON.stringify({ q, status, role })) as ViewSearch;
}

export const usersKey = (filter: UserFilter) => ['users', filter] as const;

/** One page of users, newest account first. */
export const usersPage = (filter: UserFilter, cursor: string | undefined, signal: AbortSignal) => {
  const params = new URLSearchParams({ limit: String(PAGE_USERS) });
  for (const [name, value] of Object.entries({ ...filter, cursor: cursor ?? '' })) {
    if (value !== '') params.set(name, value);
  }
  return api<UsersAnswer>(`/admin/users?${params.toString()}`, { signal });
};

export const userPath = (id: string): string => `/admin/users/${encodeURIComponent(id)}`;

export const userQuery = (id: string) =>
  queryOptions({
    queryKey: ['user', id],
    refetchInterval: 15_000,
    queryFn: ({ signal }) => api<UserAnswer>(userPath(id), { signal }),
  });

export const mailboxKey = ['mailbox'] as const;
export const mailboxPage = (cursor: string | undefined, signal: AbortSignal) =>
  api<MailboxAnswer>(`/admin/mailbox${cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`}`, {
    signal,
  });
export const MAILBOX_POLL = { refetchInterval: MAILBOX_EVERY_MS, placeholderData: keepPreviousData } as const;

/** With what somebody can prove anew that it is they. */
export const stepUpQuery = queryOptions({
  queryKey: ['step-up'],
  gcTime: 0,
  staleTime: 0,
  retry: false,
  queryFn: ({ signal }) => api<StepUpOptions>('/auth/step-up', { signal }),
});

/** What a new password must be. */
export const passwordRulesQuery = queryOptions({
  queryKey: ['password-rules'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: ({ signal }) => api<PasswordRules>('/auth/password/rules', { signal }),
});

/** Whether a refusal of the rules means that this server keeps no accounts: the application has a login of its own. */
export function isWithoutAccounts(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

const ROLE_ORDER: readonly ConsoleRole[] = ['viewer', 'analyst', 'administrator'];

/** Whether a role may do what another may. */
export function mayAs(role: ConsoleRole, needed: ConsoleRole): boolean {
  return ROLE_ORDER.indexOf(role) >= ROLE_ORDER.indexOf(needed);
}

/** Who is signed in, below the frame that shows nobody else. */
export function useSession(): SessionAnswer {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new Error('Nobody is signed in.');
  return data;
}

/** Why the reader may not do what asks for `needed`; null when they may. The server decides; this spares the attempt. */
export function useReasonAgainst(needed: ConsoleRole): string | null {
  const { data } = useQuery(sessionQuery);
  if (!data || mayAs(data.role, needed)) return null;
  return `Your role is ${data.role}; this takes ${needed === 'analyst' ? 'an analyst' : 'an administrator'}.`;
}
