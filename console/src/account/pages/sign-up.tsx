import { MailCheck } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Act } from '../parts/act.tsx';
import { EmailField, Field, NewPasswordField, useRuleValues } from '../parts/fields.tsx';
import { TextLink } from '../parts/link.tsx';
import { Gate, Heading, Lead } from '../parts/page.tsx';
import { faultOf, ProblemNote, useForm } from '../parts/problem.tsx';
import { missing } from '../state/problem.ts';
import { client } from '../state/queries.ts';
import type { WordKey } from '../words/en.ts';
import { useSpeech } from '../words/speech.ts';
import { looksLikeEmail } from './sign-in.tsx';

/** Opens an account. What follows is the same whether or not the address is known. */
export function SignUpPage(): ReactNode {
  const { t, language } = useSpeech();
  const values = useRuleValues();
  const [sentTo, setSentTo] = useState<string | null>(null);
  const form = useForm(['email', 'password', 'name'], async (input) => {
    const email = input('email');
    const password = input('password');
    const name = input('name');
    const wrong = missing(
      ['email', 'fault.email', !looksLikeEmail(email)],
      ['password', 'fault.newPassword', password === ''],
    );
    if (wrong) return wrong;
    await client.signUp({ email, password, locale: language, ...(name === '' ? {} : { name }) });
    setSentTo(email);
    return undefined;
  });
  if (sentTo !== null) return <MailSent email={sentTo} text="mailSent.signUp" />;
  return (
    <Gate>
      <Heading takesFocus={false}>{t('signUp.title')}</Heading>
      <form noValidate onSubmit={form.onSubmit} className="mt-6 flex flex-col gap-4">
        <ProblemNote form={form} values={values} />
        <EmailField autoComplete="username" autoFocus fault={faultOf(form, 'email')} />
        <NewPasswordField
          name="password"
          label={t('field.password')}
          fault={faultOf(form, 'password')}
          values={values}
        />
        <Field
          name="name"
          label={t('field.name')}
          hint={t('field.nameHint')}
          autoComplete="name"
          maxLength={80}
          isRequired={false}
          dir="auto"
          fault={faultOf(form, 'name')}
        />
        <Act wide look="solid" type="submit" isBusy={form.isBusy}>
          {t('signUp.submit')}
        </Act>
      </form>
      <p className="mt-6 text-center text-sm text-mute">
        {t('signUp.have')} <TextLink to="/sign-in">{t('signIn.title')}</TextLink>
      </p>
    </Gate>
  );
}

/** Tells that a mail is on its way. */
export function MailSent({ email, text }: { readonly email: string; readonly text: WordKey }): ReactNode {
  const { t } = useSpeech();
  return (
    <Gate>
      <MailCheck aria-hidden="true" className="mb-4 size-8 text-good" />
      <Heading>{t('mailSent.title')}</Heading>
      <Lead>
        {/* U+2068 and U+2069 keep the address in one piece where the sentence runs the other way. */}
        {t(text, { email: `\u2068${email}\u2069` })}
      </Lead>
      <Lead>{t('mailSent.hint')}</Lead>
      <p className="mt-6 text-sm">
        <TextLink to="/sign-in">{t('mailSent.back')}</TextLink>
      </p>
    </Gate>
  );
}
