import { KeyRound } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { MfaRequired, SignInAnswer } from '@rampart/client';
import { Act } from '../parts/act.tsx';
import { FactorForm } from '../parts/factor-form.tsx';
import { EmailField, PasswordField } from '../parts/fields.tsx';
import { TextLink, useGo } from '../parts/link.tsx';
import { Gate, Heading } from '../parts/page.tsx';
import { faultOf, ProblemNote, useForm } from '../parts/problem.tsx';
import { safeNext } from '../state/next.ts';
import { missing, problemOf } from '../state/problem.ts';
import { client, keys, queryClient } from '../state/queries.ts';
import { useSpeech } from '../words/speech.ts';

/** Whether something can be a mail address; the server judges it. */
export const looksLikeEmail = (text: string): boolean => /^[^\s@]+@[^\s@]+$/.test(text);

/** Where a page was asked to lead, checked. */
export function askedNext(): string {
  return safeNext(new URLSearchParams(location.search).get('next'), location.origin);
}

/** Goes on once somebody is signed in: to what must be done first, or to where they wanted to go. */
function useArrive(): (scope: 'full' | 'enrol' | 'reset') => void {
  const go = useGo();
  return (scope) => {
    queryClient.clear();
    const next = askedNext();
    const query = `?next=${encodeURIComponent(next)}`;
    if (scope === 'enrol') go(`/account/enrol${query}`);
    else if (scope === 'reset') go(`/account/new-password${query}`);
    else go(next);
  };
}

/** Password or passkey, then the second step in place. */
export function SignInPage(): ReactNode {
  const { t } = useSpeech();
  const arrive = useArrive();
  const [required, setRequired] = useState<MfaRequired | null>(null);
  const settle = (answer: SignInAnswer): void => {
    if (answer.mfaRequired) setRequired(answer);
    else arrive(answer.scope);
  };
  if (required === null) return <FirstStep settle={settle} />;
  const { challenge, factors, phoneHint } = required;
  return (
    <Gate>
      <Heading takesFocus={false}>{t('second.title')}</Heading>
      <FactorForm
        factors={factors}
        phoneHint={phoneHint}
        onSend={(factor) => client.sendMfaCode({ challenge, factor })}
        onText={async (factor, code) => {
          if (factor !== 'password') settle(await client.verifyMfa({ challenge, factor, code }));
        }}
        onPasskey={async () => settle(await keys.secondStep(required))}
      />
      <Act wide look="quiet" className="mt-4" onClick={() => setRequired(null)}>
        {t('second.back')}
      </Act>
    </Gate>
  );
}

function FirstStep({ settle }: { readonly settle: (answer: SignInAnswer) => void }): ReactNode {
  const { t } = useSpeech();
  const form = useForm(['email', 'password'], async (input) => {
    const email = input('email');
    const password = input('password');
    const wrong = missing(
      ['email', 'fault.email', !looksLikeEmail(email)],
      ['password', 'fault.password', password === ''],
    );
    if (wrong) return wrong;
    settle(await client.signIn({ email, password }));
    return undefined;
  });
  useEffect(() => {
    let isHere = true;
    keys.autofill().then(
      (answer) => {
        if (isHere && answer) settle(answer);
      },
      // A suggestion that does not work leaves the other ways; only what somebody chose is worth a word.
      (error: unknown) => isHere && chosen(error) && form.setProblem(problemOf(error)),
    );
    return () => {
      isHere = false;
      keys.cancel();
    };
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the question is put once, when the page appears
  }, []);
  const withPasskey = (): void => {
    keys.signIn().then(settle, (error: unknown) => form.setProblem(problemOf(error)));
  };
  return (
    <Gate>
      <Heading takesFocus={false}>{t('signIn.title')}</Heading>
      <form noValidate onSubmit={form.onSubmit} className="mt-6 flex flex-col gap-4">
        <ProblemNote form={form} />
        <EmailField autoComplete="username webauthn" autoFocus fault={faultOf(form, 'email')} />
        <div>
          <PasswordField
            name="password"
            label={t('field.password')}
            autoComplete="current-password"
            fault={faultOf(form, 'password')}
          />
          <p className="mt-2 text-sm">
            <TextLink to="/forgot">{t('signIn.forgot')}</TextLink>
          </p>
        </div>
        <Act wide look="solid" type="submit" isBusy={form.isBusy}>
          {t('signIn.title')}
        </Act>
      </form>
      {keys.isSupported() && (
        <>
          <p className="my-4 flex items-center gap-3 text-xs text-mute before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
            {t('signIn.or')}
          </p>
          <Act wide onClick={withPasskey}>
            <KeyRound aria-hidden="true" className="size-4" />
            {t('signIn.passkey')}
          </Act>
        </>
      )}
      <p className="mt-6 text-center text-sm text-mute">
        {t('signIn.new')} <TextLink to="/sign-up">{t('signIn.create')}</TextLink>
      </p>
    </Gate>
  );
}

/** Refusals of the server come only after somebody chose a passkey. */
function chosen(error: unknown): boolean {
  const status = (error as { status?: number } | null)?.status ?? 0;
  return status === 401 || status === 403;
}
