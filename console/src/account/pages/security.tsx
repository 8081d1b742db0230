import { useQuery } from '@tanstack/react-query';
import { LifeBuoy, MessageSquare, Smartphone } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { MfaStatus } from '@rampart/client';
import { toast } from '../parts/toast.tsx';
import { Act } from '../parts/act.tsx';
import { Card, Row, Rows, Told } from '../parts/card.tsx';
import { Confirm, Dialog } from '../parts/dialog.tsx';
import { Heading } from '../parts/page.tsx';
import { client, mfaQuery, queryClient } from '../state/queries.ts';
import { useSpeech } from '../words/speech.ts';
import { BackupCodesView } from './backup-codes.tsx';
import { PasskeyCard } from './passkey-list.tsx';
import { PasswordCard } from './password.tsx';
import { Seen } from './sessions.tsx';
import { SmsSetUp, TotpSetUp } from './totp.tsx';

/** Password, second step, backup codes and passkeys. */
export function SecurityPage(): ReactNode {
  const { t } = useSpeech();
  const mfa = useQuery(mfaQuery);
  const [codes, setCodes] = useState<readonly string[]>([]);
  const show = (given: readonly string[]): void => {
    setCodes(given);
    void queryClient.invalidateQueries(mfaQuery);
  };
  if (codes.length > 0) {
    return (
      <div className="max-w-lg">
        <BackupCodesView codes={codes} onDone={() => setCodes([])} />
      </div>
    );
  }
  return (
    <>
      <Heading>{t('security.title')}</Heading>
      <div className="mt-6 flex flex-col gap-5">
        <Told query={mfa} rows={4}>
          {(status) => (
            <>
              <FactorsCard status={status} onCodes={show} />
              <PasskeyCard list={status.passkeys} onCodes={show} />
              <PasswordCard hasSecondFactor={status.enforced} />
            </>
          )}
        </Told>
      </div>
    </>
  );
}

interface CardProps {
  readonly status: MfaStatus;
  readonly onCodes: (codes: readonly string[]) => void;
}
type Open = 'set-totp' | 'set-sms' | 'off-totp' | 'off-sms' | 'codes';

function FactorsCard({ status, onCodes }: CardProps): ReactNode {
  const { t } = useSpeech();
  const [open, setOpen] = useState<Open | null>(null);
  const close = (): void => setOpen(null);
  const done = (codes: readonly string[]): void => {
    close();
    if (codes.length === 0) toast(t('act.saved'));
    onCodes(codes);
  };
  return (
    <Card title={t('factors.title')} text={t('factors.text')}>
      <Rows label={t('factors.title')}>
        <FactorRow factor="totp" status={status} open={setOpen} />
        <FactorRow factor="sms" status={status} open={setOpen} />
        <BackupRow status={status} open={setOpen} />
      </Rows>
      {open === 'set-totp' && (
        <Dialog title={t('totp.title')} onClose={close}>
          <TotpSetUp onDone={done} />
        </Dialog>
      )}
      {open === 'set-sms' && (
        <Dialog title={t('sms.title')} onClose={close}>
          <SmsSetUp onDone={done} />
        </Dialog>
      )}
      {open === 'codes' && (
        <Confirm
          title={t('codes.makeSure')}
          text={status.backupCodes === null ? t('codes.text') : t('codes.makeText')}
          label={t('codes.make')}
          onClose={close}
          act={async () => done((await client.mfa.makeBackupCodes()).backupCodes)}
        />
      )}
      {(open === 'off-totp' || open === 'off-sms') && (
        <TurnOff factor={open === 'off-totp' ? 'totp' : 'sms'} onClose={close} />
      )}
    </Card>
  );
}

function TurnOff({
  factor,
  onClose,
}: {
  readonly factor: 'totp' | 'sms';
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useSpeech();
  const name = t(`factor.${factor}`);
  return (
    <Confirm
      title={t('factors.turnOffSure', { factor: name })}
      text={t('factors.turnOffText')}
      label={t('factors.turnOff')}
      onClose={onClose}
      act={async () => {
        await client.mfa.disable({ factor });
        await queryClient.invalidateQueries(mfaQuery);
        onClose();
        toast(t('factors.removed', { factor: name }));
      }}
    />
  );
}

interface RowProps {
  readonly status: MfaStatus;
  readonly open: (what: Open) => void;
}

function FactorRow({ factor, status, open }: RowProps & { readonly factor: 'totp' | 'sms' }): ReactNode {
  const { t, date } = useSpeech();
  const state = status[factor];
  const name = t(`factor.${factor}`);
  const totp = factor === 'totp' ? status.totp : null;
  // Who has lost the phone sets up the next one first: the last factor cannot be turned off where one is demanded.
  const setUp = state === null || state.disabled ? t('factors.setUp') : t('factors.replace');
  return (
    <Row
      icon={factor === 'totp' ? <Smartphone /> : <MessageSquare />}
      title={name}
      action={
        <>
          <Act aria-label={`${setUp}: ${name}`} onClick={() => open(`set-${factor}`)}>
            {setUp}
          </Act>
          {state !== null && (
            <Act aria-label={`${t('factors.turnOff')}: ${name}`} onClick={() => open(`off-${factor}`)}>
              {t('factors.turnOff')}
            </Act>
          )}
        </>
      }
      facts={[
        state === null && t('factors.off'),
        factor === 'sms' && status.sms !== null && <bdi dir="ltr">{status.sms.phoneHint}</bdi>,
        totp !== null && t('factors.since', { date: date(totp.confirmedAtMs) }),
        totp !== null &&
          (totp.lastUsedAtMs === null ? (
            t('factors.neverUsed')
          ) : (
            <Seen text={t('factors.lastUsed')} atMs={totp.lastUsedAtMs} />
          )),
        state?.disabled === true && <span className="text-blocked-text">{t('factors.disabled')}</span>,
      ]}
    />
  );
}

function BackupRow({ status, open }: RowProps): ReactNode {
  const { t, count } = useSpeech();
  const hasFactor = status.totp !== null || status.sms !== null || status.passkeys.length > 0;
  const { backupCodes } = status;
  return (
    <Row
      icon={<LifeBuoy />}
      title={t('codes.title')}
      action={hasFactor && <Act onClick={() => open('codes')}>{t('codes.make')}</Act>}
      facts={[backupCodes === null ? t('codes.none') : count('codesLeft', backupCodes.left), t('codes.text')]}
    />
  );
}
