import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleX } from 'lucide-react';
import type { ReactNode } from 'react';
import type { SignInHistory } from '@rampart/client';
import { useNow } from '../../ui/when.tsx';
import { Act } from '../parts/act.tsx';
import { Card, Nothing, Row, Rows, Tag, Told } from '../parts/card.tsx';
import { Heading, Lead } from '../parts/page.tsx';
import { client, historyQuery } from '../state/queries.ts';
import { useSpeech } from '../words/speech.ts';

/** A moment as people say it, with the clock's time for those who want it. */
export function Ago({ atMs }: { readonly atMs: number }): ReactNode {
  const { ago, dateTime } = useSpeech();
  const now = useNow(30_000);
  return (
    <time dateTime={new Date(atMs).toISOString()} title={dateTime(atMs)}>
      {ago(atMs, now)}
    </time>
  );
}

/** Sign-ins and tries, a line each. */
export function HistoryRows({ entries }: { readonly entries: SignInHistory['entries'] }): ReactNode {
  const { t, dateTime } = useSpeech();
  return (
    <Rows label={t('history.title')}>
      {entries.map((one) => (
        <Row
          key={one.id}
          icon={one.outcome === 'signed-in' ? <CircleCheck /> : <CircleX />}
          title={
            <>
              {one.outcome === 'signed-in' ? (
                t('history.signed-in')
              ) : (
                <Tag look="bad">{t(`history.${one.outcome}`)}</Tag>
              )}
              <span className="text-sm font-normal text-mute">
                {one.factors.map((factor) => t(`factor.${factor}`)).join(' + ')}
              </span>
            </>
          }
          facts={[
            <bdi>{one.deviceName}</bdi>,
            one.place !== null && <bdi>{one.place}</bdi>,
            <bdi className="break-all">{one.address}</bdi>,
            <time dateTime={new Date(one.atMs).toISOString()}>{dateTime(one.atMs)}</time>,
          ]}
        />
      ))}
    </Rows>
  );
}

/** The newest few, for the overview. */
export function RecentHistory(): ReactNode {
  const { t } = useSpeech();
  const recent = useQuery({ queryKey: ['history', 'recent'], queryFn: () => client.history() });
  return (
    <Told query={recent}>
      {({ entries }) =>
        entries.length === 0 ? (
          <Nothing>{t('history.none')}</Nothing>
        ) : (
          <HistoryRows entries={entries.slice(0, 3)} />
        )
      }
    </Told>
  );
}

/** Every sign-in and try that is still known. */
export function HistoryPage(): ReactNode {
  const { t } = useSpeech();
  const history = useInfiniteQuery(historyQuery);
  return (
    <>
      <Heading>{t('history.title')}</Heading>
      <Lead>{t('history.text', { days: 90 })}</Lead>
      <div className="mt-6">
        <Card title={t('overview.recent')}>
          <Told query={history} rows={6}>
            {({ pages }) => {
              const entries = pages.flatMap((page) => page.entries);
              return entries.length === 0 ? (
                <Nothing>{t('history.none')}</Nothing>
              ) : (
                <HistoryRows entries={entries} />
              );
            }}
          </Told>
          {history.hasNextPage && (
            <Act
              wide
              className="mt-6"
              isBusy={history.isFetchingNextPage}
              onClick={() => void history.fetchNextPage()}
            >
              {t('act.more')}
            </Act>
          )}
        </Card>
      </div>
    </>
  );
}
