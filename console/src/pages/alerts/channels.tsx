import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type AlertsAnswer, testChannel } from '../../api/alerts.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { refusalWords } from '../../api/faults.ts';
import { plural } from '../../format/number.ts';
import { Button, Panel } from '../../ui/parts.tsx';
import { toast } from '../../ui/toast.tsx';
import { HealthGlyph } from '../../ui/verdict.tsx';
import { When } from '../../ui/when.tsx';

type Channel = AlertsAnswer['channels'][number];

const STATE: Readonly<Record<Channel['state'], readonly ['ok' | 'degraded' | 'down', string]>> = {
  ok: ['ok', 'Works'],
  failing: ['down', 'Fails'],
  untried: ['degraded', 'Not tried yet'],
};
const KIND: Readonly<Record<Channel['kind'], string>> = {
  email: 'mail',
  slack: 'chat',
  pagerduty: 'PagerDuty',
  webhook: 'webhook',
  log: 'log of the server',
};

/** By which channels people are told, and how they fare. */
export function Channels({ channels }: { readonly channels: readonly Channel[] }): ReactNode {
  const client = useQueryClient();
  const against = useReasonAgainst('administrator');
  const test = useMutation({
    mutationFn: testChannel,
    onSuccess: (_, name) => toast(`A test is on its way by ${name}; its line here says what came of it`),
    onError: (error) => toast(refusalWords(error)),
    onSettled: () => client.invalidateQueries({ queryKey: ['alerts'] }),
  });
  return (
    <Panel title="Who is told" note={plural(channels.length, 'channel')} className="mt-4" flush>
      <ul className="border-t border-line">
        {channels.map(({ name, kind, state, lastAtMs, waiting, error }) => (
          <li
            key={name}
            className="flex items-center gap-x-4 border-b border-line px-4 py-2 text-sm last:border-0"
          >
            <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-4 gap-y-1">
              <span className="sm:min-w-40">
                <span className="font-medium">{name}</span>{' '}
                {KIND[kind] !== name && <span className="text-xs text-faint">{KIND[kind]}</span>}
              </span>
              <span className="inline-flex items-center gap-1.5 text-mute">
                <HealthGlyph state={STATE[state][0]} className="size-2" />
                {STATE[state][1]}
                {lastAtMs !== null && (
                  <span className="text-xs text-faint">
                    <When atMs={lastAtMs} />
                  </span>
                )}
              </span>
              {waiting > 0 && <span className="text-xs text-mute">{waiting} waiting</span>}
              {error !== null && <span className="text-xs break-words text-blocked-text">{error}</span>}
            </div>
            <Button
              small
              look="quiet"
              disabled={against !== null || test.isPending}
              title={against ?? undefined}
              onClick={() => test.mutate(name)}
            >
              Test<span className="sr-only"> {name}</span>
            </Button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
