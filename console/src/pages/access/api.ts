import { keepPreviousData, queryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type {
  ApiKeysAnswer,
  AssignmentsAnswer,
  ExplainAnswer,
  ExplainRequest,
  ReviewAnswer,
  ReviewsAnswer,
  RoleRequestsAnswer,
  RolesAnswer,
  ServicesAnswer,
  WhoCanAnswer,
} from '../../../../src/server/api/access-types.ts';
import type { UsersAnswer } from '../../../../src/server/api/user-types.ts';
import { api, ApiError } from '../../api/client.ts';
import { MAX_QUERY } from '../../state/search.ts';

const PATH = '/admin/access';
/** As many as the server gives at once: names of people are taken from one page. */
const MAX_PAGE = 100;

/** Address of one thing below a list of the API. */
export function pathOf(
  list: 'assignments' | 'requests' | 'services' | 'keys' | 'reviews',
  ...rest: readonly string[]
): string {
  return [PATH, list, ...rest.map(encodeURIComponent)].join('/');
}

/** Roles against permissions. */
export const rolesQuery = queryOptions({
  queryKey: ['access', 'roles'],
  staleTime: 60_000,
  queryFn: ({ signal }) => api<RolesAnswer>('/admin/roles', { signal }),
});

/** What the policy says to somebody, with every rule that was considered. */
export const explainQuery = (asked: ExplainRequest) =>
  queryOptions({
    queryKey: ['access', 'explain', asked],
    retry: false,
    queryFn: ({ signal }) => api<ExplainAnswer>(`${PATH}/explain`, { method: 'POST', body: asked, signal }),
  });

/** Roles that have a permission, for a row if one is given. */
export const whoCanQuery = (permission: string, row: ExplainRequest['row'] | undefined) =>
  queryOptions({
    queryKey: ['access', 'who-can', permission, row],
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const body = { permission, ...(row === undefined ? {} : { row }) };
      return api<WhoCanAnswer>(`${PATH}/who-can`, { method: 'POST', body, signal });
    },
  });

/** A review with its lines, undecided ones first. */
export const reviewQuery = (id: string) =>
  queryOptions({
    queryKey: ['access', 'review', id],
    queryFn: ({ signal }) => api<ReviewAnswer>(pathOf('reviews', id), { signal }),
  });

interface Page {
  readonly nextCursor: string | null;
}
function usePages<P extends Page>(
  list: Parameters<typeof pathOf>[0],
  narrow: Readonly<Record<string, string>>,
) {
  return useInfiniteQuery({
    queryKey: ['access', list, narrow],
    queryFn: ({ pageParam, signal }) => {
      const params = new URLSearchParams(narrow);
      if (pageParam !== undefined) params.set('cursor', pageParam);
      const query = params.toString();
      return api<P>(`${pathOf(list)}${query === '' ? '' : `?${query}`}`, { signal });
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** Who holds which role. @param narrow `subject`, `role`, and `all: 'true'` for those that have ended, too */
export const useAssignments = (narrow: Readonly<Record<string, string>>) =>
  usePages<AssignmentsAnswer>('assignments', narrow);
/** Roles that are asked for and not decided. */
export const useOpenRequests = () => usePages<RoleRequestsAnswer>('requests', { state: 'open' });
export const useServices = () => usePages<ServicesAnswer>('services', {});
/** @param service id of a service account; empty for all */
export const useKeys = (service: string) =>
  usePages<ApiKeysAnswer>('keys', service === '' ? {} : { service });
export const useReviews = () => usePages<ReviewsAnswer>('reviews', {});

/** Whether a refusal means that this server has no policy: its routes are not there. */
export function isWithoutPolicy(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** Somebody or something that roles can be given to. */
export interface KnownSubject {
  /** `user:…` or `service:…` */
  readonly subject: string;
  readonly name: string;
  readonly about: string;
}

const nameOf = ({ id, name, email }: UsersAnswer['users'][number]): KnownSubject => ({
  subject: `user:${id}`,
  name: name === '' ? email : name,
  about: email,
});
const accountsQuery = (q: string) =>
  queryOptions({
    queryKey: ['users', 'names', q],
    staleTime: 60_000,
    retry: false,
    queryFn: ({ signal }) => {
      const params = new URLSearchParams({ limit: String(MAX_PAGE), ...(q === '' ? {} : { q }) });
      return api<UsersAnswer>(`/admin/users?${params.toString()}`, { signal });
    },
  });

/** Name of somebody who acted, where it is among the newest accounts; null for an identifier that is not known. */
export function useAccountName(subject: string): string | null {
  const isAccount = subject.startsWith('user:');
  const { data } = useQuery({ ...accountsQuery(''), enabled: isAccount });
  const found = data?.users.find(({ id }) => `user:${id}` === subject);
  return found === undefined ? null : nameOf(found).name;
}

/** The newest accounts and service accounts by name; none where accounts are kept elsewhere. */
export function useKnownSubjects(): readonly KnownSubject[] {
  const users = useQuery(accountsQuery(''));
  const services = useServices();
  return [
    ...(users.data?.users ?? []).map(nameOf),
    ...(services.data?.pages ?? []).flatMap((page) =>
      page.services.map(({ id, name, about }) => ({ subject: `service:${id}`, name, about })),
    ),
  ];
}

/** Accounts whose name or mail address has these letters; none for fewer than two, or for an identifier. */
export function useFoundAccounts(letters: string): readonly KnownSubject[] {
  const isName = letters.length >= 2 && !/^(user|service):/.test(letters);
  const { data } = useQuery({ ...accountsQuery(letters.slice(0, MAX_QUERY)), enabled: isName });
  return isName ? (data?.users ?? []).map(nameOf) : [];
}
