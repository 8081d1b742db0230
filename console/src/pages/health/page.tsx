import { useQuery } from '@tanstack/react-query';
import { Info, OctagonAlert, ShieldCheck, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { HealthAnswer } from '../../../../src/server/api/types.ts';
import { healthQuery } from '../../api/queries.ts';
import { bytes, millis, whole } from '../../format/number.ts';
import { duration } from '../../format/time.ts';
import { type Figure, Figures } from '../../ui/figures.tsx';
import { Empty, PageHead, Panel, Skeleton } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { HealthGlyph } from '../../ui/verdict.tsx';
import type { HealthState } from '../../ui/verdict.tsx';
import { useNow, When } from '../../ui/when.tsx';
import { Sinks } from './sinks.tsx';

const SENTENCE: Readonly<Record<HealthState, string>> = {
  ok: 'Everything works.',
  degraded: 'It works, but not as configured.',
  down: 'Something it needs is gone.',
};
const STATE_WORD: Readonly<Record<HealthState, string>> = { ok: 'Well', degraded: 'Degraded', down: 'Down' };

/** Whether this node is well, and what to do where it isn't. */
export function HealthPage(): ReactNode {
  const query = useQuery(healthQuery);
  return (
    <>
      <PageHead title="Health" />
      <Loaded query={query} skeleton={<Waiting />}>
        {(health) => <Content health={health} />}
      </Loaded>
    </>
  );
}

function Content({ health }: { readonly health: HealthAnswer }): ReactNode {
  const now = useNow(10_000);
  return (
    <div className="space-y-4">
      <section
        aria-label="State"
        className="flex flex-wrap items-center gap-x-4 gap-y-1 rounded-xl border border-line bg-panel px-4 py-4"
      >
        <HealthGlyph state={health.state} className="size-4" />
        <p className="text-base font-medium">{SENTENCE[health.state]}</p>
        <p className="text-sm text-mute numeric sm:ml-auto">
          {health.node} · Rampart {health.version} · Node.js {health.nodeVersion} · up{' '}
          {duration(now - health.startedAtMs)}
        </p>
      </section>
      <Runtime health={health} />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Checks checks={health.checks} />
        <Findings findings={health.findings} />
      </div>
      <Sinks />
    </div>
  );
}

function Runtime({ health }: { readonly health: HealthAnswer }): ReactNode {
  const { runtime, journal } = health;
  const figures: readonly Figure[] = [
    ['Event loop, p99', millis(runtime.eventLoopP99Ms), runtime.eventLoopP99Ms > 100 ? 'slow' : 'delay'],
    ['CPU', `${Math.round(runtime.cpuPercent)} %`, 'of one core'],
    ['Memory', `${whole(runtime.memoryMb)} MB`, `heap ${whole(runtime.heapMb)} MB`],
    ['Journal waiting', whole(journal.waiting), bytes(journal.bytes)],
    ['Journal shed', whole(journal.shed), journal.shed === 0 ? 'nothing lost' : 'entries lost'],
  ];
  return <Figures label="Runtime and journal" figures={figures} />;
}

function Checks({ checks }: { readonly checks: HealthAnswer['checks'] }): ReactNode {
  return (
    <Panel title="Checks" flush>
      <ul>
        {checks.map((check) => (
          <li key={check.name} className="flex gap-3 border-t border-line px-4 py-3 text-sm">
            <HealthGlyph state={check.state} className="mt-1.5 size-2.5" />
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-baseline gap-x-2">
                <span className="font-medium">{check.name}</span>
                <span
                  className={check.state === 'ok' ? 'sr-only' : 'text-xs font-medium text-challenged-text'}
                >
                  {STATE_WORD[check.state]}
                </span>
              </p>
              <p className="text-mute">{check.text}</p>
            </div>
            <p className="text-right text-xs whitespace-nowrap text-faint numeric">
              {check.latencyMs === null ? '–' : millis(check.latencyMs)}
              <span className="block">
                <When atMs={check.checkedAtMs} />
              </span>
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const LEVELS: Readonly<
  Record<HealthAnswer['findings'][number]['level'], readonly [string, string, typeof Info]>
> = {
  error: ['Error', 'text-blocked-text', OctagonAlert],
  warning: ['Warning', 'text-challenged-text', TriangleAlert],
  info: ['Note', 'text-mute', Info],
};

function Findings({ findings }: { readonly findings: HealthAnswer['findings'] }): ReactNode {
  return (
    <Panel title="Findings" note="what to improve" flush>
      {findings.length === 0 ? (
        <div className="border-t border-line">
          <Empty icon={<ShieldCheck className="size-4" />} title="Nothing to improve">
            The configuration passed every check.
          </Empty>
        </div>
      ) : (
        <ul>
          {findings.map(({ level, text, remedy }) => {
            const [name, style, Icon] = LEVELS[level];
            return (
              <li key={text} className="flex gap-3 border-t border-line px-4 py-3 text-sm">
                <Icon aria-hidden="true" className={`mt-0.5 size-4 shrink-0 ${style}`} />
                <div className="min-w-0">
                  <p>
                    <span className={`mr-2 text-xs font-medium ${style}`}>{name}</span>
                    {text}
                  </p>
                  <p className="mt-0.5 text-mute">{remedy}</p>
                </div>
              </li>
            );
          })}
        </ul>
      )}
    </Panel>
  );
}

function Waiting(): ReactNode {
  return (
    <div role="status" className="space-y-4">
      <span className="sr-only">Loading</span>
      <Skeleton className="h-14 rounded-xl" />
      <Skeleton className="h-24 rounded-xl" />
      <div className="grid gap-4 lg:grid-cols-2">
        <Skeleton className="h-72 rounded-xl" />
        <Skeleton className="h-72 rounded-xl" />
      </div>
    </div>
  );
}
