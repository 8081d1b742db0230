import { useQuery } from '@tanstack/react-query';
import { Laptop, Smartphone, Terminal } from 'lucide-react';
import type { ReactNode } from 'react';
import { toast } from '../parts/toast.tsx';
import { Act } from '../parts/act.tsx';
import { Card, Nothing, Row, Rows, Tag, Told } from '../parts/card.tsx';
import { Heading } from '../parts/page.tsx';
import { sayProblem } from '../state/problem.ts';
import { client, devicesQuery, queryClient, sessionsQuery } from '../state/queries.ts';
import { useSpeech } from '../words/speech.ts';
import { Ago } from './history.tsx';

/** A picture of what a device's name tells. */
function DeviceIcon({ name, isApi = false }: { readonly name: string; readonly isApi?: boolean }): ReactNode {
  if (isApi) return <Terminal />;
  return /iphone|android|ipad|phone|mobile/i.test(name) ? <Smartphone /> : <Laptop />;
}

/** Sentences with a gap that a part of the page fills: text before, and text after. */
function around(text: string): readonly [string, string] {
  const [before = '', after = ''] = text.split('{when}');
  return [before, after];
}

/** `Active 2 hours ago`, in the order of the language. */
export function Seen({ text, atMs }: { readonly text: string; readonly atMs: number }): ReactNode {
  const [before, after] = around(text);
  return (
    <span>
      {before}
      <Ago atMs={atMs} />
      {after}
    </span>
  );
}

/** Where one is signed in, and devices known; each can be ended. */
export function SessionsPage(): ReactNode {
  const { t } = useSpeech();
  return (
    <>
      <Heading>{t('sessions.title')}</Heading>
      <div className="mt-6 flex flex-col gap-5">
        <OpenSessions />
        <KnownDevices />
      </div>
    </>
  );
}

/** Runs an act, tells how it went, and loads anew what it changed. */
function useTold(): (act: Promise<unknown>, said: (result: unknown) => string) => void {
  const speech = useSpeech();
  return (act, said) => {
    act
      .then(
        (result) => toast(said(result)),
        (error: unknown) => toast(sayProblem(error, speech)),
      )
      .finally(() => void queryClient.invalidateQueries());
  };
}

function OpenSessions(): ReactNode {
  const { t, count } = useSpeech();
  const tell = useTold();
  const sessions = useQuery(sessionsQuery);
  const hasOthers = (sessions.data?.length ?? 0) > 1;
  const endOthers = (): void =>
    tell(client.sessions.endOthers(), (result) => count('endedOthers', (result as { ended: number }).ended));
  return (
    <Card
      title={t('sessions.where')}
      action={hasOthers && <Act onClick={endOthers}>{t('sessions.endOthers')}</Act>}
    >
      <Told query={sessions}>
        {(list) => (
          <>
            <Rows label={t('sessions.where')}>
              {list.map((one) => (
                <Row
                  key={one.id}
                  icon={<DeviceIcon name={one.deviceName} isApi={one.client === 'api'} />}
                  title={
                    <>
                      <bdi>{one.deviceName}</bdi>
                      {one.current && <Tag look="good">{t('sessions.current')}</Tag>}
                    </>
                  }
                  action={
                    !one.current && (
                      <Act
                        aria-label={t('sessions.endNamed', { name: one.deviceName })}
                        onClick={() => tell(client.sessions.end(one.id), () => t('sessions.ended'))}
                      >
                        {t('sessions.end')}
                      </Act>
                    )
                  }
                  facts={[
                    one.place !== null && <bdi>{one.place}</bdi>,
                    <bdi className="break-all">{one.address}</bdi>,
                    <Seen text={t('sessions.seen')} atMs={one.seenAtMs} />,
                  ]}
                />
              ))}
            </Rows>
            {list.length === 1 && <p className="mt-5 text-sm text-mute">{t('sessions.noOthers')}</p>}
          </>
        )}
      </Told>
    </Card>
  );
}

function KnownDevices(): ReactNode {
  const { t } = useSpeech();
  const tell = useTold();
  const devices = useQuery(devicesQuery);
  return (
    <Card title={t('devices.title')} text={t('devices.text')}>
      <Told query={devices}>
        {(list) =>
          list.length === 0 ? (
            <Nothing>{t('devices.none')}</Nothing>
          ) : (
            <Rows label={t('devices.title')}>
              {list.map((one) => (
                <Row
                  key={one.id}
                  icon={<DeviceIcon name={one.name} />}
                  title={
                    <>
                      <bdi>{one.name}</bdi>
                      {one.current && <Tag look="good">{t('sessions.current')}</Tag>}
                    </>
                  }
                  action={
                    <Act
                      aria-label={t('devices.forgetNamed', { name: one.name })}
                      onClick={() => tell(client.devices.remove(one.id), () => t('act.done'))}
                    >
                      {t('devices.forget')}
                    </Act>
                  }
                  facts={[
                    one.place !== null && <bdi>{one.place}</bdi>,
                    <Seen text={t('devices.seen')} atMs={one.lastSeenAtMs} />,
                  ]}
                />
              ))}
            </Rows>
          )
        }
      </Told>
    </Card>
  );
}
