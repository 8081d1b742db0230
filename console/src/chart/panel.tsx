import { ChartColumnStacked, Table2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useCommand } from '../keys/commands.ts';
import type { View } from '../state/view.ts';
import { Button, Empty, Panel } from '../ui/parts.tsx';

/** A chart with its sentence, the table behind it (`V`), and its legend. It holds still under the pointer and the focus. */
export function ChartPanel({
  title,
  note,
  sentence,
  view,
  heightPx,
  empty,
  table,
  chart,
  legend,
  onHold,
  children,
}: {
  readonly title: string;
  readonly note?: ReactNode;
  /** What the chart shows, in words. */
  readonly sentence: string;
  readonly view: View;
  readonly heightPx: number;
  /** Stands in the chart's place where there is nothing to draw. */
  readonly empty: { readonly title: string; readonly text: string } | null;
  readonly table: ReactNode;
  readonly chart: ReactNode;
  readonly legend?: ReactNode;
  readonly onHold: (held: boolean) => void;
  /** What is to be said of the figures. */
  readonly children?: ReactNode;
}): ReactNode {
  const isTable = view.search.view === 'table';
  const toggle = (): void => {
    const { view: _, ...rest } = view.search;
    view.change(isTable ? rest : { ...rest, view: 'table' }, true);
  };
  useCommand('table', toggle);
  return (
    <Panel
      title={title}
      note={note}
      actions={
        <Button small look="quiet" onClick={toggle} title="Table or chart (V)">
          {isTable ? <ChartColumnStacked className="size-3.5" /> : <Table2 className="size-3.5" />}
          {isTable ? 'Chart' : 'Table'}
        </Button>
      }
    >
      <p className="-mt-1 mb-3 text-sm text-mute">{sentence}</p>
      {children}
      <div
        onPointerEnter={() => onHold(true)}
        onPointerLeave={() => onHold(false)}
        onFocus={() => onHold(true)}
        onBlur={() => onHold(false)}
      >
        {isTable ? (
          table
        ) : empty === null ? (
          chart
        ) : (
          <div
            style={{ height: heightPx }}
            className="grid place-items-center rounded-lg border border-dashed border-line"
          >
            <Empty title={empty.title}>{empty.text}</Empty>
          </div>
        )}
      </div>
      {legend}
    </Panel>
  );
}

/** Each band with its sign; pressed off, it is left out. */
export function ChartLegend({
  label,
  items,
  hidden,
  onToggle,
  children,
}: {
  readonly label: string;
  readonly items: readonly {
    readonly key: string;
    readonly name: string;
    readonly title?: string;
    readonly sign: (isHidden: boolean) => ReactNode;
  }[];
  readonly hidden: ReadonlySet<string>;
  readonly onToggle: (key: string) => void;
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <div role="group" aria-label={label} className="mt-2 flex flex-wrap items-center gap-x-1 gap-y-1">
      {items.map(({ key, name, title, sign }) => {
        const isHidden = hidden.has(key);
        return (
          <button
            key={key}
            type="button"
            aria-pressed={!isHidden}
            title={title ?? (isHidden ? 'Show again' : 'Leave out')}
            onClick={() => onToggle(key)}
            className={`flex h-6 items-center gap-1.5 rounded-md px-2 text-xs text-mute hover:bg-hover ${isHidden ? 'line-through' : ''}`}
          >
            {sign(isHidden)}
            {name}
          </button>
        );
      })}
      {children}
    </div>
  );
}
