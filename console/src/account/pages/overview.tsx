import { useQuery } from '@tanstack/react-query';
import { ShieldAlert, ShieldCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import type { MfaStatus } from '@rampart/client';
import { Card, Told } from '../parts/card.tsx';
import { TextLink } from '../parts/link.tsx';
import { Heading } from '../parts/page.tsx';
import { mfaQuery, sessionQuery } from '../state/queries.ts';
import { useSpeech } from '../words/speech.ts';
import { Ago, RecentHistory } from './history.tsx';

/** Fewer than so many backup codes are worth a word. */
const FEW_CODES = 4;

type State = 'strong' | 'codes' | 'weak';
function stateOf({ totp, sms, passkeys, backupCodes }: MfaStatus): State {
  if (totp === null && sms === null && passkeys.length === 0) return 'weak';
  return (backupCodes?.left ?? 0) < FEW_CODES ? 'codes' : 'strong';
}

/** How the account stands, at a glance. */
export function OverviewPage(): ReactNode {
  const { t, date } = useSpeech();
  const info = useQuery(sessionQuery).data;
  const mfa = useQuery(mfaQuery);
  const name = info?.user.name ?? '';
  return (
    <>
      <Heading>
        {name === '' ? t('overview.titlePlain') : t('overview.title', { name: `\u2068${name}\u2069` })}
      </Heading>
      <div className="mt-6 flex flex-col gap-5">
        <Card title={t('overview.signInTitle')}>
          <Told query={mfa} rows={1}>
            {(status) => <Strength state={stateOf(status)} />}
          </Told>
        </Card>
        <Card title={t('overview.recent')} action={<TextLink to="/history">{t('act.more')}</TextLink>}>
          <RecentHistory />
        </Card>
        {info && (
          <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5 px-1 text-sm">
            <dt className="text-mute">{t('overview.signedInAt')}</dt>
            <dd>
              <Ago atMs={info.session.createdAtMs} />
            </dd>
            <dt className="text-mute">{t('overview.since')}</dt>
            <dd>{date(info.user.createdAtMs)}</dd>
          </dl>
        )}
      </div>
    </>
  );
}

function Strength({ state }: { readonly state: State }): ReactNode {
  const { t } = useSpeech();
  const isGood = state === 'strong';
  const Icon = isGood ? ShieldCheck : ShieldAlert;
  return (
    <div className={`flex gap-3.5 rounded-xl p-4 ${isGood ? 'bg-good-tint' : 'bg-challenged-tint'}`}>
      <Icon
        aria-hidden="true"
        className={`mt-0.5 size-6 shrink-0 ${isGood ? 'text-good-text' : 'text-challenged-text'}`}
      />
      <div>
        <p className="font-medium">{t(`overview.${state}`)}</p>
        <p className="mt-0.5 text-sm text-pretty text-mute">{t(`overview.${state}Text`)}</p>
        {!isGood && (
          <p className="mt-2.5 text-sm">
            <TextLink to="/security">{state === 'weak' ? t('overview.setUp') : t('codes.make')}</TextLink>
          </p>
        )}
      </div>
    </div>
  );
}
