import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { api, ApiError } from '../api/client.ts';
import { isWithoutAccounts, passwordRulesQuery } from '../api/identity.ts';
import { waysIn } from '../api/queries.ts';
import { Button } from '../ui/parts.tsx';
import { Failure } from '../ui/state.tsx';
import { Centred } from './centred.tsx';
import { SignInHelp } from './setup.tsx';
import { accountPath } from './next.ts';

/** Whoever is not signed in goes to the sign-in; where there is no account to sign in with, a link is the way in. */
export function SignedOut(): ReactNode {
  const isByAccount = waysIn() === 'account';
  const rules = useQuery({ ...passwordRulesQuery, enabled: isByAccount });
  const isElsewhere = isWithoutAccounts(rules.error);
  const isSettled = isByAccount && !rules.isPending && !isElsewhere;
  useEffect(() => {
    if (isSettled) location.replace(accountPath('sign-in', location));
  }, [isSettled]);
  if (!isByAccount || isElsewhere) {
    return (
      <SignInHelp
        title="Sign in"
        text={
          isElsewhere
            ? 'The console opens with a link that works once. There is no password to forget.'
            : 'Nobody has an administrator’s account yet. The console opens with a link that works once.'
        }
        isByLink
      />
    );
  }
  return (
    <Centred>
      <p role="status" className="text-sm text-mute">
        You are not signed in. Going to{' '}
        <a href={accountPath('sign-in', location)} className="underline underline-offset-4">
          the sign-in
        </a>
        …
      </p>
    </Centred>
  );
}

const LINK_BUTTON =
  'inline-flex h-8 items-center rounded-md bg-solid px-3 text-sm font-medium text-on-solid hover:opacity-90';

/** Signed in, but not let in: what is missing, and the way there. */
export function Refused({ error, retry }: { readonly error: Error; readonly retry: () => void }): ReactNode {
  if (!(error instanceof ApiError) || error.status !== 403) return <Failure error={error} retry={retry} />;
  const { title, text, step } = gateWords(error.code);
  return (
    <Centred>
      <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
      <p className="mt-2 text-sm text-mute">{text}</p>
      <div className="mt-6 flex flex-wrap gap-2">
        {step && (
          <a href={step.to} className={LINK_BUTTON}>
            {step.label}
          </a>
        )}
        <OtherAccount />
      </div>
    </Centred>
  );
}

/** What each refusal of the console itself means. */
function gateWords(code: string): {
  readonly title: string;
  readonly text: string;
  readonly step?: { readonly to: string; readonly label: string };
} {
  if (code === 'MFA_REQUIRED') {
    return {
      title: 'A second factor is needed',
      text: 'The console opens for accounts that sign in with two factors: an authenticator app, a passkey or a code by SMS beside the password.',
      step: { to: accountPath('enrol', location), label: 'Set up a second factor' },
    };
  }
  if (code === 'PASSWORD_RESET_REQUIRED') {
    return {
      title: 'A new password is needed',
      text: 'Somebody who looks after this server asked for it. Set one, then come back.',
      step: { to: '/account', label: 'Set a new password' },
    };
  }
  return {
    title: 'This account can’t open the console',
    text: 'It takes the role viewer, analyst or administrator. An administrator can give it to you.',
    step: { to: '/account', label: 'Your account' },
  };
}

function OtherAccount(): ReactNode {
  const client = useQueryClient();
  const leave = async (): Promise<void> => {
    try {
      await api('/auth/sign-out', { method: 'POST' });
    } finally {
      client.setQueryData(['session'], null);
    }
  };
  return <Button onClick={() => void leave()}>Sign in as somebody else</Button>;
}
