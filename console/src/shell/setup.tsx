import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { SessionAnswer, SignInRequest } from '../../../src/server/api/types.ts';
import { api, ApiError, setCsrfToken } from '../api/client.ts';
import { noteAdministrator, sessionQuery, waysIn } from '../api/queries.ts';
import { Button, Code } from '../ui/parts.tsx';
import { Centred } from './centred.tsx';

/** The one attempt of this page: a link works once, so it must not be sent twice. */
let attempt: { readonly token: string; readonly answer: Promise<SessionAnswer> } | null = null;

function signIn(token: string): Promise<SessionAnswer> {
  if (attempt?.token !== token) {
    const body: SignInRequest = { setupToken: token };
    attempt = { token, answer: api<SessionAnswer>('/admin/session', { method: 'POST', body }) };
  }
  return attempt.answer;
}

/** Signs in with the token of the fragment, which no server and no log ever sees. */
export function SetupPage(): ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [token] = useState(() => new URLSearchParams(location.hash.slice(1)).get('token') ?? '');
  const [error, setError] = useState<Error | null>(null);

  useEffect(() => {
    if (token === '') return;
    history.replaceState(history.state, '', location.pathname);
    signIn(token).then(
      (session) => {
        setCsrfToken(session.csrfToken);
        noteAdministrator(session);
        client.setQueryData(sessionQuery.queryKey, session);
        return navigate({ to: '/', replace: true });
      },
      (reason: unknown) => setError(reason instanceof Error ? reason : new Error(String(reason))),
    );
  }, [token, client, navigate]);

  if (token === '') return <SignInHelp title="Sign in" text="This address needs a set-up link." />;
  if (error) return <SignInHelp title="This link does not work" text={refusalText(error)} />;
  return (
    <Centred>
      <p role="status" className="text-sm text-mute">
        Signing in…
      </p>
    </Centred>
  );
}

/** What a refused link means, in words. */
function refusalText(error: Error): string {
  if (!(error instanceof ApiError)) return error.message;
  if (error.status === 0)
    return 'The server does not answer. The link has not been used; open it again in a moment.';
  if (error.code.includes('USED')) return 'It has been used before. Each link signs in once.';
  if (error.code.includes('EXPIRED'))
    return 'It is too old. Links work for a short time after they are printed.';
  if (error.status === 429) return 'Too many attempts. Wait a little, then open a new link.';
  if (error.status === 401) return 'It was used before, is too old, or was not copied whole.';
  return error.message;
}

/** How to get in: shown to whoever is not signed in. */
export function SignInHelp({
  title,
  text,
  isByLink = false,
}: {
  readonly title: string;
  readonly text: string;
  /** There is no account to sign in with. */
  readonly isByLink?: boolean;
}): ReactNode {
  const session = useQuery({ ...sessionQuery, enabled: false });
  const navigate = useNavigate();
  return (
    <Centred>
      <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
      <p className="mt-2 text-sm text-mute">{text}</p>
      <div className="mt-6 rounded-lg border border-line bg-canvas p-4">
        <p className="text-sm font-medium">Print a new link on the server</p>
        <pre className="mt-2 overflow-x-auto rounded-md bg-sunken px-3 py-2 font-mono text-sm">
          <span aria-hidden="true" className="text-faint select-none">
            ${' '}
          </span>
          npx rampart link
        </pre>
        <p className="mt-2 text-xs text-mute">
          Run it in the folder of your configuration, then open the address it prints. <Code>npm start</Code>{' '}
          prints one, too.
        </p>
      </div>
      {!isByLink && waysIn() === 'account' && !session.data && (
        <p className="mt-4 text-sm text-mute">
          Or{' '}
          <a
            href="/account/sign-in?next=/console"
            className="rounded-sm text-ink underline decoration-edge underline-offset-4"
          >
            sign in with your account
          </a>
          .
        </p>
      )}
      {session.data && (
        <Button className="mt-4" onClick={() => void navigate({ to: '/' })}>
          You are signed in: open the console
        </Button>
      )}
    </Centred>
  );
}
