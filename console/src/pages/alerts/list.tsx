import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ArrowUp } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { type AlertEntry, type AlertFilter, type AlertsAnswer, tabOf } from '../../api/alerts.ts';
import { plural } from '../../format/number.ts';
import { moveFocus, useCommand } from '../../keys/commands.ts';
import { useView } from '../../state/view.ts';
import { More } from '../../ui/more.tsx';
import { Button, Key, Panel } from '../../ui/parts.tsx';
import { Stale } from '../../ui/state.tsx';
import type { TriageAct } from './acts.ts';
import { BulkBar } from './bulk-bar.tsx';
import { Quiet } from './quiet.tsx';
import { AlertRow } from './row.tsx';
import { steady } from './steady.ts';
import { useTriageKeys } from './triage-keys.ts';
import { useTriage } from './use-triage.ts';
import { useIsWide } from './wide.ts';

type Pages = UseInfiniteQueryResult<{ readonly pages: readonly AlertsAnswer[] }>;

/** The alerts of a tab, with what the keys do to them. Rows stay where they are while somebody looks at them. */
export function AlertList({
  alerts,
  filter,
  query,
  may,
  opened,
}: {
  readonly alerts: readonly AlertEntry[];
  readonly filter: AlertFilter;
  readonly query: Pages;
  readonly may: boolean;
  readonly opened: string | null;
}): ReactNode {
  const { search, change } = useView();
  const navigate = useNavigate();
  const isWide = useIsWide();
  const list = useRef<HTMLUListElement>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const { rows, waiting, show } = useSteadyRows(alerts, list, selected.size > 0);
  const chosen = rows.filter(({ id }) => selected.has(id));
  const triage = useTriage();
  const keepPlace = useFocusAfter(list, rows);
  const tab = tabOf({ status: filter.tab });
  const open = (id: string): boolean => {
    if (isWide) change({ ...search, open: id }, opened !== null);
    return isWide;
  };
  const toggle = (id: string): void =>
    setSelected((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  const run = (act: TriageAct, of: readonly AlertEntry[]): void => {
    keepPlace();
    setSelected(new Set());
    void triage(act, of);
  };
  useTriageKeys({
    targets: () => (chosen.length > 0 ? chosen : targetOf(rows, opened)),
    run,
    onNote(alert) {
      if (isWide) change({ ...search, open: alert.id, tab: 'note' }, true);
      else void navigate({ to: '/alerts/$id', params: { id: alert.id }, search: { tab: 'note' } });
    },
    isActive: may,
  });
  useCommand('exclude', () => targetOf(rows, null).forEach(({ id }) => toggle(id)), may);
  const select = (): void => {
    const [found] = targetOf(rows, null);
    if (found !== undefined) setSelected((before) => new Set([...before, found.id]));
  };
  const extend = (step: 1 | -1) => () => {
    select();
    moveFocus(step);
    select();
  };
  useCommand('select-next', extend(1), may);
  useCommand('select-previous', extend(-1), may);
  useCommand('back', () => {
    if (selected.size > 0) setSelected(new Set());
    else if (opened !== null) change({ ...search, open: undefined } as never, true);
  });
  return (
    <Panel
      title={tab.label}
      note={may && rows.length > 0 && opened === null ? <KeyHint /> : undefined}
      actions={
        chosen.length > 0 && (
          <BulkBar
            chosen={chosen}
            onAct={(act) => run(act, chosen)}
            onAll={() => setSelected(new Set(rows.map(({ id }) => id)))}
            onNone={() => setSelected(new Set())}
          />
        )
      }
      flush
    >
      <div className="min-h-80 border-t border-line">
        {query.error && <Stale atMs={query.dataUpdatedAt} />}
        {waiting > 0 && (
          <p className="border-b border-line p-2 text-center">
            <Button small onClick={show}>
              <ArrowUp aria-hidden="true" className="size-3.5" />
              Show {plural(waiting, 'new alert')}
            </Button>
          </p>
        )}
        {rows.length === 0 ? (
          <Quiet filter={filter} channels={query.data?.pages[0]?.channels ?? []} />
        ) : (
          <ul
            ref={list}
            className="@container"
            onFocus={(event) => {
              // Beside the list stands whatever the keys have come to.
              const id = idAt(event.target);
              if (opened !== null && id !== null && id !== opened) change({ ...search, open: id }, true);
            }}
          >
            {rows.map((alert) => (
              <AlertRow
                key={alert.id}
                alert={alert}
                isSelected={selected.has(alert.id)}
                isShown={alert.id === opened}
                onSelect={may ? () => toggle(alert.id) : null}
                onOpen={() => open(alert.id)}
              />
            ))}
          </ul>
        )}
      </div>
      <More query={query} />
    </Panel>
  );
}

function idAt(element: Element | null): string | null {
  return element?.closest<HTMLElement>('[data-alert]')?.dataset['alert'] ?? null;
}

/** The alert that the focus is at, else the one that is open beside the list. */
function targetOf(rows: readonly AlertEntry[], opened: string | null): readonly AlertEntry[] {
  const id = idAt(document.activeElement) ?? opened;
  return rows.filter((one) => one.id === id);
}

/** Rows that keep their places while the pointer or the focus is among them, or some are selected. */
function useSteadyRows(
  alerts: readonly AlertEntry[],
  list: React.RefObject<HTMLUListElement | null>,
  isSelecting: boolean,
): { readonly rows: readonly AlertEntry[]; readonly waiting: number; readonly show: () => void } {
  const shown = useRef<readonly string[]>([]);
  const [, repaint] = useState(0);
  const isHeld =
    isSelecting ||
    list.current?.matches(':hover') === true ||
    list.current?.contains(document.activeElement) === true;
  const { rows, waiting } = steady(isHeld ? shown.current : [], alerts);
  useEffect(() => {
    shown.current = rows.map(({ id }) => id);
  });
  return {
    rows,
    waiting,
    show: () => {
      shown.current = [];
      repaint((count) => count + 1);
    },
  };
}

/** When the row with the focus has gone, the one that stands in its place gets it. @returns to be called before an act */
function useFocusAfter(
  list: React.RefObject<HTMLUListElement | null>,
  rows: readonly AlertEntry[],
): () => void {
  const place = useRef<{ readonly id: string; readonly at: number } | null>(null);
  useEffect(() => {
    const last = place.current;
    if (last === null || rows.some(({ id }) => id === last.id)) return;
    place.current = null;
    const links = list.current?.querySelectorAll<HTMLElement>('[data-row] a') ?? [];
    links[Math.min(last.at, links.length - 1)]?.focus();
  }, [list, rows]);
  return () => {
    const id = idAt(document.activeElement);
    place.current = id === null ? null : { id, at: rows.findIndex((one) => one.id === id) };
  };
}

function KeyHint(): ReactNode {
  return (
    <span className="inline-flex flex-wrap items-center gap-1 max-lg:hidden">
      <Key>J</Key> <Key>K</Key> move, <Key>X</Key> selects, <Key>A</Key> takes, <Key>R</Key> resolves,{' '}
      <Key>F</Key> false positive, <Key>S</Key> snoozes, <Key>U</Key> undoes
    </span>
  );
}
