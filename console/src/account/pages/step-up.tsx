import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { AuthFactor } from '@rampart/client';
import { Dialog } from '../parts/dialog.tsx';
import { FactorForm } from '../parts/factor-form.tsx';
import { client, keys, mfaQuery, queryClient } from '../state/queries.ts';
import { useSpeech } from '../words/speech.ts';

interface Asked {
  readonly factors: readonly AuthFactor[];
  readonly settle: (isProven: boolean) => void;
}

/** Asks for a factor whenever a call needs a fresh one; the call is then repeated by itself. */
export function StepUpHost(): ReactNode {
  const { t } = useSpeech();
  const [asked, setAsked] = useState<Asked | null>(null);
  const waiting = useRef<Asked | null>(null);
  useEffect(
    () =>
      client.onStepUp(async ({ factors }) => {
        const choice = factors.length > 0 ? factors : (await client.stepUp.options()).factors;
        return new Promise<boolean>((settle) => {
          waiting.current = { factors: choice, settle };
          setAsked(waiting.current);
        });
      }),
    [],
  );
  if (asked === null) return null;
  const end = (isProven: boolean): void => {
    setAsked(null);
    asked.settle(isProven);
  };
  const phoneHint = queryClient.getQueryData(mfaQuery.queryKey)?.sms?.phoneHint;
  return (
    <Dialog title={t('stepUp.title')} onClose={() => end(false)}>
      <p className="text-mute">{t('stepUp.text')}</p>
      <FactorForm
        factors={asked.factors}
        phoneHint={phoneHint}
        onSend={() => client.stepUp.sendCode()}
        onText={async (factor, text) => {
          await client.stepUp.prove({
            factor,
            ...(factor === 'password' ? { password: text } : { code: text }),
          });
          end(true);
        }}
        onPasskey={async () => {
          await keys.stepUp();
          end(true);
        }}
      />
    </Dialog>
  );
}
