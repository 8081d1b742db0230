import { createClient, isSignedOut, passkeys, RampartClientError } from '@rampart/client';
import type { Client, Passkeys } from '@rampart/client';
import { infiniteQueryOptions, QueryClient, queryOptions } from '@tanstack/react-query';

/** The page's client: cookies of its own origin. */
export const client: Client = createClient();
/** Its passkeys. */
export const keys: Passkeys = passkeys(client);

/** One for the page. A refusal is final; only silence is tried again. */
export const queryClient: QueryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      retry: (failures, error) => error instanceof RampartClientError && error.status === 0 && failures < 1,
    },
  },
});

// A session that has ended shows the sign-in page, wherever it was noticed.
client.onChange((change) => {
  if (change !== 'signed-out') return;
  queryClient.removeQueries({
    predicate: ({ queryKey }) => queryKey[0] !== 'session' && queryKey[0] !== 'rules',
  });
  queryClient.setQueryData(['session'], null);
});

/** Who is signed in; null is nobody. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => {
    try {
      return await client.session({ signal });
    } catch (error) {
      if (isSignedOut(error)) return null;
      throw error;
    }
  },
});
/** What a password must be. */
export const rulesQuery = queryOptions({
  queryKey: ['rules'],
  queryFn: ({ signal }) => client.password.rules({ signal }),
  staleTime: Infinity,
});
/** The second factors. */
export const mfaQuery = queryOptions({
  queryKey: ['mfa'],
  queryFn: ({ signal }) => client.mfa.status({ signal }),
});
/** Where one is signed in. */
export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: async ({ signal }) => (await client.sessions.list({ signal })).sessions,
});
/** Devices known. */
export const devicesQuery = queryOptions({
  queryKey: ['devices'],
  queryFn: async ({ signal }) => (await client.devices.list({ signal })).devices,
});
/** Sign-ins and tries, page by page. */
export const historyQuery = infiniteQueryOptions({
  queryKey: ['history'],
  queryFn: ({ pageParam, signal }) =>
    client.history({ signal, ...(pageParam === null ? {} : { cursor: pageParam }) }),
  initialPageParam: null as string | null,
  getNextPageParam: ({ nextCursor }) => nextCursor,
});
