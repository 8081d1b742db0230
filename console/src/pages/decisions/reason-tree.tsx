import { ChevronRight } from 'lucide-react';
import { useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import type { Reason, Scalar } from '../../../../src/server/api/types.ts';
import { valueName, valueText } from '../../format/value.ts';
import { useSettings } from '../../state/settings.ts';
import { comparisonOf, treeKey, treeLines } from './tree.ts';
import type { TreeLine } from './tree.ts';

/** Why, step by step, with the numbers that were compared. One focus stop; arrows walk and fold. */
export function ReasonTree({
  reason,
  label,
}: {
  readonly reason: Reason;
  readonly label: string;
}): ReactNode {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState(0);
  const tree = useRef<HTMLUListElement>(null);
  const lines = treeLines(reason, closed);
  const current = Math.min(at, lines.length - 1);
  const toggle = (path: string): void => {
    setClosed((before) =>
      before.has(path) ? new Set([...before].filter((one) => one !== path)) : new Set([...before, path]),
    );
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const result = treeKey(event.key, lines, current);
    if (result === null) return;
    event.preventDefault();
    if (result.toggle !== undefined) toggle(result.toggle);
    if (result.focus !== undefined) {
      setAt(result.focus);
      tree.current?.querySelectorAll<HTMLElement>('[role=treeitem]')[result.focus]?.focus();
    }
  };
  return (
    <ul ref={tree} role="tree" aria-label={label} onKeyDown={onKeyDown}>
      {lines.map((line, index) => (
        <Line
          key={line.path}
          line={line}
          isCurrent={index === current}
          onFocus={() => setAt(index)}
          onToggle={() => toggle(line.path)}
        />
      ))}
    </ul>
  );
}

function Line({
  line,
  isCurrent,
  onFocus,
  onToggle,
}: {
  readonly line: TreeLine;
  readonly isCurrent: boolean;
  readonly onFocus: () => void;
  readonly onToggle: () => void;
}): ReactNode {
  const { reason, level, position, siblings, state } = line;
  return (
    <li
      role="treeitem"
      aria-level={level}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-selected={isCurrent}
      {...(state === 'leaf' ? {} : { 'aria-expanded': state === 'open' })}
      tabIndex={isCurrent ? 0 : -1}
      onFocus={onFocus}
      className="relative rounded-md py-1.5 pr-2 focus-visible:-outline-offset-2"
      style={{ paddingLeft: `${(level - 1) * 1.25 + 1.5}rem` }}
    >
      {Array.from({ length: level - 1 }, (_, depth) => (
        <span
          key={depth}
          aria-hidden="true"
          className="absolute inset-y-0 w-px bg-line"
          style={{ left: `${depth * 1.25 + 0.6}rem` }}
        />
      ))}
      {state !== 'leaf' && (
        <span
          aria-hidden="true"
          onClick={onToggle}
          className="absolute top-1 grid size-6 cursor-pointer place-items-center rounded text-faint hover:text-ink"
          style={{ left: `${(level - 1) * 1.25 - 0.1}rem` }}
        >
          <ChevronRight className={`size-3.5 transition-transform ${state === 'open' ? 'rotate-90' : ''}`} />
        </span>
      )}
      <p className="text-sm">
        {reason.text} <span className="ml-1 font-mono text-xs text-faint">{reason.code}</span>
      </p>
      {reason.values && <Values values={reason.values} />}
    </li>
  );
}

function Values({ values }: { readonly values: Readonly<Record<string, Scalar>> }): ReactNode {
  const { zone } = useSettings();
  const comparison = comparisonOf(values);
  return (
    <div className="mt-1 flex flex-wrap items-center gap-x-4 gap-y-1">
      {comparison && <Gauge {...comparison} />}
      <dl className="flex flex-wrap gap-x-4 gap-y-0.5 text-xs">
        {Object.entries(values).map(([name, value]) => (
          <div key={name} className="flex gap-1.5">
            <dt className="text-faint">{valueName(name)}</dt>
            <dd className="break-all text-mute numeric">{valueText(name, value, zone)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Used against limit; the mark is the limit. The numbers stand beside it. */
function Gauge({ used, limit }: { readonly used: number; readonly limit: number }): ReactNode {
  const top = Math.max(used, limit) * 1.15;
  const isOver = used > limit;
  return (
    <span aria-hidden="true" data-bar className="relative h-2 w-28 overflow-hidden rounded-sm bg-sunken">
      <span
        className={`absolute inset-y-0 left-0 ${isOver ? 'bg-limited' : 'bg-allowed'}`}
        style={{ width: `${(used / top) * 100}%` }}
      />
      <span className="absolute inset-y-0 w-0.5 bg-ink" style={{ left: `${(limit / top) * 100}%` }} />
    </span>
  );
}
