import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { SinkEntry } from '../../../../src/server/api/sink-types.ts';
import { refusalWords } from '../../api/faults.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { retrySink, sinksQuery } from '../../api/queries.ts';
import { plural, whole } from '../../format/number.ts';
import { duration } from '../../format/time.ts';
import { Button, Panel } from '../../ui/parts.tsx';
import { toast } from '../../ui/toast.tsx';
import type { HealthState } from '../../ui/verdict.tsx';
import { HealthGlyph } from '../../ui/verdict.tsx';
import { useNow, When } from '../../ui/when.tsx';

const GLYPH: Readonly<Record<SinkEntry['state'], HealthState>> = {
  working: 'ok',
  failing: 'down',
  unknown: 'degraded',
};
const WORD: Readonly<Record<SinkEntry['state'], string>> = {
  working: 'Works',
  failing: 'Takes nothing',
  unknown: 'No process has it',
};

/** Where events are sent to and what waits; nothing where there are no sinks. */
export function Sinks(): ReactNode {
  const { data } = useQuery(sinksQuery);
  if (data === undefined || data.sinks.length === 0) return null;
  return (
    <Panel title="Sinks" note="where events are sent to" flush>
      <ul>
        {data.sinks.map((sink) => (
          <Row key={sink.name} sink={sink} />
        ))}
      </ul>
    </Panel>
  );
}

function Row({ sink }: { readonly sink: SinkEntry }): ReactNode {
  const { name, kind, target, state, error, nextAtMs } = sink;
  return (
    <li className="flex gap-3 border-t border-line px-4 py-3 text-sm">
      <HealthGlyph state={GLYPH[state]} className="mt-1.5 size-2.5" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-medium">{name}</span>
          <span className={state === 'working' ? 'sr-only' : 'text-xs font-medium text-challenged-text'}>
            {WORD[state]}
          </span>
          <span className="min-w-0 text-xs break-all text-faint">
            {kind} · {target}
          </span>
        </p>
        <Amounts sink={sink} />
        {error !== null && (
          <p className="mt-0.5 break-words text-mute">
            {error}{' '}
            {nextAtMs !== null && (
              <>
                Next try <When atMs={nextAtMs} />.
              </>
            )}
          </p>
        )}
      </div>
      <div className="flex flex-col items-end gap-2">
        <p className="text-right text-xs whitespace-nowrap text-faint numeric">
          {sink.sentAtMs === null ? 'nothing sent yet' : <When atMs={sink.sentAtMs} />}
          <span className="block">{whole(sink.sent)} sent</span>
        </p>
        {sink.state === 'failing' && <Retry name={name} />}
      </div>
    </li>
  );
}

/** Ends the pause after a failure: whichever node has the sink tries at once. */
function Retry({ name }: { readonly name: string }): ReactNode {
  const client = useQueryClient();
  const against = useReasonAgainst('analyst');
  const run = useMutation({
    mutationFn: () => retrySink(name),
    onSuccess: () => toast(`${name} is tried again`),
    onError: (error) => toast(refusalWords(error)),
    onSettled: () => client.invalidateQueries({ queryKey: sinksQuery.queryKey }),
  });
  return (
    <Button
      small
      disabled={run.isPending || against !== null}
      title={against ?? undefined}
      aria-label={`Try again: ${name}`}
      onClick={() => run.mutate()}
    >
      Try again
    </Button>
  );
}

/** What waits, and what never arrived. */
function Amounts({ sink }: { readonly sink: SinkEntry }): ReactNode {
  const now = useNow(10_000);
  const { waiting, oldestAtMs, refused, lost } = sink;
  const parts = [
    waiting === 0
      ? 'Nothing waits'
      : `${plural(waiting, 'event')} ${waiting === 1 ? 'waits' : 'wait'}${oldestAtMs === null ? '' : `, the oldest for ${duration(Math.max(0, now - oldestAtMs), 1)}`}`,
    ...(refused === 0 ? [] : [`${whole(refused)} refused`]),
    ...(lost === 0 ? [] : [`${whole(lost)} lost`]),
  ];
  return <p className="text-mute numeric">{parts.join(' · ')}</p>;
}
