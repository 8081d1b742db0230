import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { ChevronLeft, Copy } from 'lucide-react';
import type { ReactNode } from 'react';
import { carryOrder, statementsQuery } from '../../api/statements.ts';
import { millis, percent, whole } from '../../format/number.ts';
import { useCommand } from '../../keys/commands.ts';
import { copy, useView } from '../../state/view.ts';
import { Button, Empty, Panel, Skeleton } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { When } from '../../ui/when.tsx';
import { longTime, statementsOf } from './order.ts';
import type { Statement } from './order.ts';
import { PlanPanel } from './plan-panel.tsx';
import { formatSql, titleOf } from './sql.ts';
import type { SqlLine } from './sql.ts';

/** One slow statement: what it says, how slow it was, how the database would run it, and what would help. */
export function StatementPage(): ReactNode {
  const { search } = useView();
  const { id } = useParams({ from: '/shell/queries/$id' });
  const query = useQuery(statementsQuery(search));
  const navigate = useNavigate();
  useCommand('back', () => void navigate({ to: '/queries', search: carryOrder }));
  return (
    <>
      <Link
        to="/queries"
        search={carryOrder}
        className="mb-2 inline-flex items-center gap-1 rounded-sm text-sm text-mute hover:text-ink"
      >
        <ChevronLeft aria-hidden="true" className="size-4" />
        Statements
      </Link>
      <Loaded query={query} skeleton={<Waiting />}>
        {(answer) => {
          const found = statementsOf(answer.statements).find((one) => one.id === id);
          return found ? <Content key={id} of={found} slowMs={answer.slowMs} /> : <Gone node={answer.node} />;
        }}
      </Loaded>
    </>
  );
}

function Gone({ node }: { readonly node: string }): ReactNode {
  return (
    <>
      <h1 className="sr-only">Statement</h1>
      <Empty title="This statement is not listed">
        Node {node} has not seen it since it started, or has forgotten it for others that took longer. Another
        node may know it.
      </Empty>
    </>
  );
}

function Content({ of, slowMs }: { readonly of: Statement; readonly slowMs: number }): ReactNode {
  return (
    <>
      <h1 className="mb-4 text-lg font-semibold tracking-tight break-words">{titleOf(of.shape)}</h1>
      <div className="space-y-4">
        <Figures of={of} slowMs={slowMs} />
        <Text shape={of.shape} />
        <PlanPanel id={of.id} />
      </div>
    </>
  );
}

function Figures({ of, slowMs }: { readonly of: Statement; readonly slowMs: number }): ReactNode {
  const { calls, failures, meanMs, p50Ms, p95Ms, p99Ms, maxMs, lastMs, totalMs, share, firstAtMs, lastAtMs } =
    of;
  const figures: readonly (readonly [string, string, ReactNode])[] = [
    ['Slow calls', whole(calls), failures === 0 ? 'none failed' : `${whole(failures)} failed`],
    ['p50', millis(p50Ms), `of calls from ${millis(slowMs)} on`],
    ['p95', millis(p95Ms), `p99 ${millis(p99Ms)}`],
    ['Slowest', millis(maxMs), `mean ${millis(meanMs)}, last ${millis(lastMs)}`],
    ['Time in all', longTime(totalMs), `${percent(share)} of slow time`],
    [
      'Last seen',
      '',
      <>
        first <When atMs={firstAtMs} />
      </>,
    ],
  ];
  return (
    <section
      aria-label="Figures"
      className="grid grid-cols-2 gap-px overflow-hidden rounded-xl border border-line bg-line sm:grid-cols-3 lg:grid-cols-6"
    >
      {figures.map(([name, value, note]) => (
        <dl key={name} className="bg-panel px-4 py-3">
          <dt className="text-xs text-mute">{name}</dt>
          <dd className="mt-0.5 text-xl font-semibold tracking-tight numeric">
            {value === '' ? <When atMs={lastAtMs} /> : value}
          </dd>
          <dd className="text-xs text-faint numeric">{note}</dd>
        </dl>
      ))}
    </section>
  );
}

function Text({ shape }: { readonly shape: string }): ReactNode {
  const lines = formatSql(shape);
  return (
    <Panel
      title="Text"
      note="values stand as “?”"
      actions={
        <Button onClick={() => void copy(plainText(lines), 'Statement')}>
          <Copy aria-hidden="true" className="size-3.5" />
          Copy
        </Button>
      }
      flush
    >
      <pre
        tabIndex={0}
        aria-label="Text of the statement"
        className="quiet-scroll max-h-96 overflow-auto border-t border-line px-4 py-3 font-mono text-xs leading-5"
      >
        <code>
          {lines.map(({ indent, parts }, at) => (
            <span key={at} className="block" style={{ paddingLeft: `${indent * 2}ch` }}>
              {parts.map(({ text, isKeyword }, place) => (
                <span key={place} className={isKeyword ? 'font-semibold' : 'text-mute'}>
                  {text}
                </span>
              ))}
            </span>
          ))}
        </code>
      </pre>
      {shape.endsWith('…') && (
        <p className="border-t border-line px-4 py-2 text-xs text-faint">
          The text is longer than what is kept of it.
        </p>
      )}
    </Panel>
  );
}

function plainText(lines: readonly SqlLine[]): string {
  return lines
    .map(({ indent, parts }) => '  '.repeat(indent) + parts.map(({ text }) => text).join(''))
    .join('\n');
}

function Waiting(): ReactNode {
  return (
    <div role="status" className="space-y-4">
      <span className="sr-only">Loading</span>
      <Skeleton className="h-7 w-72 max-w-full" />
      <Skeleton className="h-24 rounded-xl" />
      <Skeleton className="h-56 rounded-xl" />
      <Skeleton className="h-40 rounded-xl" />
    </div>
  );
}
