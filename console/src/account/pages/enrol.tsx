import { ChevronRight, KeyRound, MessageSquare, Smartphone } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Act } from '../parts/act.tsx';
import { useGo } from '../parts/link.tsx';
import { Gate, Heading, Lead } from '../parts/page.tsx';
import { ProblemNote, useForm } from '../parts/problem.tsx';
import { client, keys, queryClient } from '../state/queries.ts';
import { useSpeech } from '../words/speech.ts';
import { BackupCodesView } from './backup-codes.tsx';
import { Guarded } from './shell.tsx';
import { askedNext } from './sign-in.tsx';
import { SmsSetUp, TotpSetUp } from './totp.tsx';

/** Where those end up whose role demands a second step that they do not have yet. */
export function EnrolPage(): ReactNode {
  return <Guarded scope="enrol">{() => <Enrol />}</Guarded>;
}

type Way = 'totp' | 'sms';
const ICONS = { totp: Smartphone, passkey: KeyRound, sms: MessageSquare } as const;

function Enrol(): ReactNode {
  const { t } = useSpeech();
  const go = useGo();
  const [way, setWay] = useState<Way | null>(null);
  const [codes, setCodes] = useState<readonly string[]>([]);
  const leave = (): void => {
    const next = askedNext();
    queryClient.clear();
    go(next);
  };
  const done = (given: readonly string[]): void => {
    if (given.length > 0) setCodes(given);
    else leave();
  };
  if (codes.length > 0) {
    return (
      <Gate>
        <BackupCodesView codes={codes} onDone={leave} />
      </Gate>
    );
  }
  if (way !== null) {
    return (
      <Gate>
        <Heading>{t(`${way}.title`)}</Heading>
        <div className="mt-4">
          {way === 'totp' ? <TotpSetUp onDone={done} /> : <SmsSetUp onDone={done} />}
        </div>
        <Act wide look="quiet" className="mt-3" onClick={() => setWay(null)}>
          {t('second.others')}
        </Act>
      </Gate>
    );
  }
  return <Choice choose={setWay} done={done} />;
}

function Choice({
  choose,
  done,
}: {
  readonly choose: (way: Way) => void;
  readonly done: (codes: readonly string[]) => void;
}): ReactNode {
  const { t } = useSpeech();
  const form = useForm([], async () => done((await keys.register()).backupCodes));
  const ways = ['totp', ...(keys.isSupported() ? (['passkey'] as const) : []), 'sms'] as const;
  return (
    <Gate>
      <Heading>{t('enrol.title')}</Heading>
      <Lead>{t('enrol.text')}</Lead>
      <form onSubmit={form.onSubmit} className="mt-6">
        <ProblemNote form={form} />
        <ul className="flex flex-col gap-2.5">
          {ways.map((way) => {
            const Icon = ICONS[way];
            return (
              <li key={way}>
                <button
                  type={way === 'passkey' ? 'submit' : 'button'}
                  onClick={way === 'passkey' ? undefined : () => choose(way)}
                  className="flex w-full items-center gap-3.5 rounded-xl border border-edge bg-panel p-3.5 text-start transition-colors hover:bg-hover"
                >
                  <Icon aria-hidden="true" className="size-5 shrink-0 text-mute" />
                  <span className="flex-1">
                    <span className="block font-medium">{t(`factor.${way}`)}</span>
                    <span className="block text-sm text-pretty text-mute">{t(`enrol.${way}`)}</span>
                  </span>
                  <ChevronRight aria-hidden="true" className="size-4 shrink-0 text-faint rtl:-scale-x-100" />
                </button>
              </li>
            );
          })}
        </ul>
      </form>
      <Act wide look="quiet" className="mt-4" onClick={() => void client.signOut().catch(() => undefined)}>
        {t('act.signOut')}
      </Act>
    </Gate>
  );
}
