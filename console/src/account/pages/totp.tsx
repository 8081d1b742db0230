import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Act, CopyAct } from '../parts/act.tsx';
import { Told } from '../parts/card.tsx';
import { CodeField, Field } from '../parts/fields.tsx';
import { faultOf, ProblemNote, useForm } from '../parts/problem.tsx';
import { missing } from '../state/problem.ts';
import { client } from '../state/queries.ts';
import { useSpeech } from '../words/speech.ts';

/** What a finished set-up hands on: backup codes, where the account had none. */
export type Finish = (backupCodes: readonly string[]) => void;

/** A secret in groups of four, as people read and type it. */
export const grouped = (secret: string): string => secret.match(/.{1,4}/g)?.join(' ') ?? secret;

/** Picture and key for the authenticator app, then the code that proves it was taken over. */
export function TotpSetUp({ onDone }: { readonly onDone: Finish }): ReactNode {
  const { t } = useSpeech();
  const enrolment = useQuery({
    queryKey: ['totp-enrolment'],
    queryFn: () => client.mfa.enrolTotp(),
    // Every enrolment makes a new secret: it is asked for once, and never kept.
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const form = useForm(['code'], async (input) => {
    const code = input('code').replaceAll(/\s/g, '');
    if (code === '') return missing(['code', 'fault.code', true]);
    onDone((await client.mfa.confirmTotp({ code })).backupCodes);
    return undefined;
  });
  return (
    <Told query={enrolment}>
      {({ secret, qrPng }) => (
        <>
          <p className="text-mute">{t('totp.scan')}</p>
          <div className="my-4 grid place-items-center">
            {/* White stays around it in the dark too: cameras need the quiet zone. */}
            <img
              src={qrPng}
              alt={t('totp.qr')}
              width={192}
              height={192}
              className="rounded-xl border border-line bg-white p-2"
            />
          </div>
          <p className="text-sm text-mute">{t('totp.manual')}</p>
          <div className="mt-2 flex flex-wrap items-center gap-2">
            <code
              dir="ltr"
              aria-label={t('totp.key')}
              role="group"
              className="min-w-0 flex-1 basis-52 rounded-lg bg-sunken px-3 py-2.5 font-mono text-sm break-words select-all"
            >
              {grouped(secret)}
            </code>
            <CopyAct text={secret} />
          </div>
          <form
            noValidate
            onSubmit={form.onSubmit}
            className="mt-5 flex flex-col gap-4 border-t border-line pt-5"
          >
            <ProblemNote form={form} />
            <p className="text-mute">{t('totp.confirm')}</p>
            <CodeField fault={faultOf(form, 'code')} />
            <Act wide look="solid" type="submit" isBusy={form.isBusy}>
              {t('totp.submit')}
            </Act>
          </form>
        </>
      )}
    </Told>
  );
}

/** A number, then the code that was sent to it. */
export function SmsSetUp({ onDone }: { readonly onDone: Finish }): ReactNode {
  const { t } = useSpeech();
  const [phone, setPhone] = useState<string | null>(null);
  const form = useForm(['phone', 'code'], async (input) => {
    if (phone === null) {
      const number = input('phone');
      if (!/^\+?[\d\s().-]{6,}$/.test(number)) return missing(['phone', 'fault.phone', true]);
      await client.mfa.enrolSms({ phone: number.replaceAll(/[\s().-]/g, '') });
      setPhone(number);
      return undefined;
    }
    const code = input('code').replaceAll(/\s/g, '');
    if (code === '') return missing(['code', 'fault.code', true]);
    onDone((await client.mfa.confirmSms({ code })).backupCodes);
    return undefined;
  });
  return (
    <form noValidate onSubmit={form.onSubmit} className="flex flex-col gap-4">
      <ProblemNote form={form} />
      {phone === null ? (
        <Field
          key="phone"
          name="phone"
          type="tel"
          label={t('field.phone')}
          hint={t('field.phoneHint')}
          autoComplete="tel"
          inputMode="tel"
          maxLength={32}
          dir="ltr"
          autoFocus
          className="rtl:text-right"
          fault={faultOf(form, 'phone')}
        />
      ) : (
        <>
          <p className="text-mute">{t('sms.confirm', { phone: `\u2066${phone}\u2069` })}</p>
          <CodeField key="code" fault={faultOf(form, 'code')} autoFocus />
        </>
      )}
      <Act wide look="solid" type="submit" isBusy={form.isBusy}>
        {phone === null ? t('sms.submit') : t('totp.submit')}
      </Act>
    </form>
  );
}
