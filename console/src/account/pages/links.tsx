import { CircleCheck } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { Act } from '../parts/act.tsx';
import { EmailField, NewPasswordField, useRuleValues } from '../parts/fields.tsx';
import { TextLink } from '../parts/link.tsx';
import { Gate, Heading, Lead } from '../parts/page.tsx';
import { faultOf, ProblemNote, useForm } from '../parts/problem.tsx';
import { missing } from '../state/problem.ts';
import { client } from '../state/queries.ts';
import type { WordKey } from '../words/en.ts';
import { useSpeech } from '../words/speech.ts';
import { looksLikeEmail } from './sign-in.tsx';
import { MailSent } from './sign-up.tsx';

/** The token of the link that opened the page. It is taken out of the address, so that no history keeps it. */
function useLinkToken(): string {
  const [token] = useState(() => new URLSearchParams(location.hash.slice(1)).get('token') ?? '');
  useEffect(() => {
    if (location.hash !== '') history.replaceState(history.state, '', location.pathname);
  }, []);
  return token;
}

function Done({ title, text }: { readonly title?: WordKey; readonly text: string }): ReactNode {
  const { t } = useSpeech();
  return (
    <Gate>
      <CircleCheck aria-hidden="true" className="mb-4 size-8 text-good" />
      <Heading>{t(title ?? 'verify.doneTitle')}</Heading>
      <Lead>{text}</Lead>
      <p className="mt-6 text-sm">
        <TextLink to="/sign-in">{t('verify.go')}</TextLink>
      </p>
    </Gate>
  );
}

function NoLink({ title }: { readonly title: WordKey }): ReactNode {
  const { t } = useSpeech();
  return (
    <Gate>
      <Heading>{t(title)}</Heading>
      <Lead>{t('link.missing')}</Lead>
      <p className="mt-6 text-sm">
        <TextLink to="/sign-in">{t('mailSent.back')}</TextLink>
      </p>
    </Gate>
  );
}

/** One button that uses up a link: readers of mail that open every link use up none. */
function OneButton({
  page,
  act,
}: {
  readonly page: 'verify' | 'unlock';
  readonly act: (token: string) => Promise<string>;
}): ReactNode {
  const { t } = useSpeech();
  const token = useLinkToken();
  const [done, setDone] = useState<string | null>(null);
  const form = useForm([], async () => setDone(await act(token)));
  if (done !== null) return <Done text={done} />;
  if (token === '') return <NoLink title={`${page}.title`} />;
  return (
    <Gate>
      <Heading>{t(`${page}.title`)}</Heading>
      <Lead>{t(`${page}.text`)}</Lead>
      <form onSubmit={form.onSubmit} className="mt-6">
        <ProblemNote form={form} />
        <Act wide look="solid" type="submit" isBusy={form.isBusy}>
          {t(`${page}.submit`)}
        </Act>
      </form>
    </Gate>
  );
}

/** Confirms an address: after sign-up, and after it was changed. */
export function VerifyPage(): ReactNode {
  const { t } = useSpeech();
  const act = async (token: string): Promise<string> => {
    const { email } = await client.email.verify({ token });
    return t('verify.done', { email: `\u2068${email}\u2069` });
  };
  return <OneButton page="verify" act={act} />;
}

/** Lifts the delay that somebody else's tries brought about. */
export function UnlockPage(): ReactNode {
  const { t } = useSpeech();
  return <OneButton page="unlock" act={(token) => client.unlock({ token }).then(() => t('unlock.done'))} />;
}

/** Asks for a link to choose a new password. */
export function ForgotPage(): ReactNode {
  const { t } = useSpeech();
  const [sentTo, setSentTo] = useState<string | null>(null);
  const form = useForm(['email'], async (input) => {
    const email = input('email');
    if (!looksLikeEmail(email)) return missing(['email', 'fault.email', true]);
    await client.password.forgot({ email });
    setSentTo(email);
    return undefined;
  });
  if (sentTo !== null) return <MailSent email={sentTo} text="mailSent.reset" />;
  return (
    <Gate>
      <Heading takesFocus={false}>{t('forgot.title')}</Heading>
      <Lead>{t('forgot.text')}</Lead>
      <form noValidate onSubmit={form.onSubmit} className="mt-6 flex flex-col gap-4">
        <ProblemNote form={form} />
        <EmailField autoComplete="username" autoFocus fault={faultOf(form, 'email')} />
        <Act wide look="solid" type="submit" isBusy={form.isBusy}>
          {t('forgot.submit')}
        </Act>
      </form>
      <p className="mt-6 text-center text-sm">
        <TextLink to="/sign-in">{t('mailSent.back')}</TextLink>
      </p>
    </Gate>
  );
}

/** Sets a password by a link: a forgotten one, or the first one of somebody invited. */
export function ResetPage({ page = 'reset' }: { readonly page?: 'reset' | 'invitation' }): ReactNode {
  const { t } = useSpeech();
  const token = useLinkToken();
  const values = useRuleValues();
  const [isDone, setDone] = useState(false);
  const form = useForm(['newPassword'], async (input) => {
    const password = input('newPassword');
    if (password === '') return missing(['newPassword', 'fault.newPassword', true]);
    await client.password.reset({ token, password });
    setDone(true);
    return undefined;
  });
  if (isDone) return <Done text={t(`${page}.done`)} />;
  if (token === '') return <NoLink title={`${page}.title`} />;
  return (
    <Gate>
      <Heading takesFocus={false}>{t(`${page}.title`)}</Heading>
      <Lead>{t(`${page}.text`)}</Lead>
      <form noValidate onSubmit={form.onSubmit} className="mt-6 flex flex-col gap-4">
        <ProblemNote form={form} values={values} />
        <NewPasswordField autoFocus fault={faultOf(form, 'newPassword')} values={values} />
        <Act wide look="solid" type="submit" isBusy={form.isBusy}>
          {t('reset.submit')}
        </Act>
      </form>
    </Gate>
  );
}

/** The first password of somebody invited. */
export function InvitationPage(): ReactNode {
  return <ResetPage page="invitation" />;
}
