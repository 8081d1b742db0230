import { KeyRound } from 'lucide-react';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import type { AuthFactor } from '@rampart/client';
import { missing, problemOf } from '../state/problem.ts';
import type { WordKey } from '../words/en.ts';
import { useSpeech } from '../words/speech.ts';
import { Act } from './act.tsx';
import { CodeField, PasswordField } from './fields.tsx';
import { faultOf, ProblemNote, useForm } from './problem.tsx';

/** What proves a factor. */
export interface FactorProofs {
  readonly factors: readonly AuthFactor[];
  readonly phoneHint?: string | undefined;
  /** Sends a code by message or mail. */
  readonly onSend: (factor: 'sms' | 'email') => Promise<unknown>;
  /** Proves by what was typed: a code, or the password. */
  readonly onText: (factor: Exclude<AuthFactor, 'passkey'>, text: string) => Promise<unknown>;
  readonly onPasskey: () => Promise<unknown>;
}

/** Proves one factor of several, with a choice among them. */
export function FactorForm({ factors, phoneHint, onSend, onText, onPasskey }: FactorProofs): ReactNode {
  const { t } = useSpeech();
  // A dialog may stand over a page that has a code field of its own.
  const own = useId();
  const [factor, setFactor] = useState<AuthFactor>(factors[0] ?? 'password');
  const [sent, setSent] = useState<readonly AuthFactor[]>([]);
  const isSent = sent.includes(factor);
  const field = factor === 'password' ? 'password' : 'code';
  const form = useForm(factor === 'passkey' ? [] : [field], async (input) => {
    if (factor === 'passkey') {
      await onPasskey();
      return undefined;
    }
    const text = input(field);
    if (text === '') return missing([field, factor === 'password' ? 'fault.password' : 'fault.code', true]);
    await onText(factor, factor === 'password' || factor === 'backup' ? text : text.replaceAll(/[\s-]/g, ''));
    return undefined;
  });
  const canSend = factor === 'sms' || factor === 'email';
  const send = async (): Promise<void> => {
    if (!canSend) return;
    try {
      await onSend(factor);
      setSent([...sent, factor]);
      form.setProblem(null);
    } catch (error) {
      form.setProblem(problemOf(error));
    }
  };
  const asks: WordKey = canSend && !isSent ? `second.${factor}Ask` : `second.${factor}`;
  const others = factors.filter((one) => one !== factor);
  return (
    <>
      <form noValidate onSubmit={form.onSubmit} className="mt-5 flex flex-col gap-4">
        <ProblemNote form={form} labels={{ code: own, password: own }} />
        <p className="text-mute">
          {t(asks, { phone: phoneHint === undefined ? t('second.phone') : `\u2066${phoneHint}\u2069` })}
        </p>
        {canSend && !isSent && (
          <Act wide look="solid" onClick={() => void send()}>
            {t('second.send')}
          </Act>
        )}
        {factor === 'password' && (
          <PasswordField
            key="password"
            name="password"
            id={own}
            label={t('field.password')}
            autoComplete="current-password"
            fault={faultOf(form, 'password')}
            autoFocus
          />
        )}
        {factor !== 'password' && factor !== 'passkey' && (!canSend || isSent) && (
          <CodeField
            key={factor}
            id={own}
            fault={faultOf(form, 'code')}
            isBackup={factor === 'backup'}
            autoFocus
          />
        )}
        {(!canSend || isSent) && (
          <Act wide look="solid" type="submit" isBusy={form.isBusy}>
            {factor === 'passkey' && <KeyRound aria-hidden="true" className="size-4" />}
            {factor === 'passkey' ? t('second.usePasskey') : t('second.verify')}
          </Act>
        )}
        {canSend && isSent && (
          <Act wide look="quiet" onClick={() => void send()}>
            {t('second.sendAgain')}
          </Act>
        )}
        <p role="status" className="sr-only">
          {isSent ? t('second.sent') : ''}
        </p>
      </form>
      {others.length > 0 && (
        <div role="group" aria-label={t('second.others')} className="mt-6 border-t border-line pt-4">
          <p aria-hidden="true" className="mb-2 text-sm text-mute">
            {t('second.others')}
          </p>
          <div className="flex flex-wrap gap-2">
            {others.map((one) => (
              <Act
                key={one}
                onClick={() => {
                  setFactor(one);
                  form.setProblem(null);
                }}
              >
                {t(`factor.${one}`)}
              </Act>
            ))}
          </div>
        </div>
      )}
    </>
  );
}
