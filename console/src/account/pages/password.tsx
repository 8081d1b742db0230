import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Act } from '../parts/act.tsx';
import { Card, Good } from '../parts/card.tsx';
import { NewPasswordField, PasswordField, useRuleValues } from '../parts/fields.tsx';
import { useGo } from '../parts/link.tsx';
import { Gate, Heading, Lead } from '../parts/page.tsx';
import { faultOf, ProblemNote, useForm } from '../parts/problem.tsx';
import { missing } from '../state/problem.ts';
import { client, queryClient, sessionQuery } from '../state/queries.ts';
import { useSpeech } from '../words/speech.ts';
import { Guarded } from './shell.tsx';
import { askedNext } from './sign-in.tsx';

/** Changes the password by the present one. */
export function PasswordCard({ hasSecondFactor }: { readonly hasSecondFactor: boolean }): ReactNode {
  const { t } = useSpeech();
  const user = useQuery(sessionQuery).data?.user;
  const values = useRuleValues(hasSecondFactor);
  const [turn, setTurn] = useState(0);
  const form = useForm(['currentPassword', 'newPassword'], async (input) => {
    const currentPassword = input('currentPassword');
    const newPassword = input('newPassword');
    const wrong = missing(
      ['currentPassword', 'fault.password', currentPassword === ''],
      ['newPassword', 'fault.newPassword', newPassword === ''],
    );
    if (wrong) return wrong;
    const endOtherSessions = input('others') === 'on';
    await client.password.change({ currentPassword, newPassword, endOtherSessions });
    setTurn((before) => before + 1);
    void queryClient.invalidateQueries();
    return undefined;
  });
  return (
    <Card title={t('password.title')}>
      {turn > 0 && form.problem === null && <Good>{t('password.changed')}</Good>}
      <form key={turn} noValidate onSubmit={form.onSubmit} className="flex max-w-md flex-col gap-4">
        <ProblemNote form={form} values={values} />
        {/* Tells password managers whose password it is. */}
        <input
          type="text"
          hidden
          readOnly
          name="username"
          autoComplete="username"
          value={user?.email ?? ''}
        />
        <PasswordField
          name="currentPassword"
          label={t('field.currentPassword')}
          autoComplete="current-password"
          fault={faultOf(form, 'currentPassword')}
        />
        <NewPasswordField
          hasSecondFactor={hasSecondFactor}
          fault={faultOf(form, 'newPassword')}
          values={values}
        />
        <label className="flex min-h-8 items-center gap-2.5 text-sm">
          <input type="checkbox" name="others" defaultChecked className="size-4.5 accent-solid" />
          {t('password.others')}
        </label>
        <div>
          <Act type="submit" isBusy={form.isBusy}>
            {t('password.change')}
          </Act>
        </div>
      </form>
    </Card>
  );
}

/** Where those end up who must choose a new password before anything else. */
export function NewPasswordPage(): ReactNode {
  return <Guarded scope="reset">{() => <NewPassword />}</Guarded>;
}

function NewPassword(): ReactNode {
  const { t } = useSpeech();
  const go = useGo();
  const values = useRuleValues();
  const form = useForm(['newPassword'], async (input) => {
    const newPassword = input('newPassword');
    if (newPassword === '') return missing(['newPassword', 'fault.newPassword', true]);
    await client.password.change({ newPassword });
    const next = askedNext();
    queryClient.clear();
    go(next);
    return undefined;
  });
  return (
    <Gate>
      <Heading takesFocus={false}>{t('reset.title')}</Heading>
      <Lead>{t('renew.text')}</Lead>
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
