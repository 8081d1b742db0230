import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import { toast } from '../ui/toast.tsx';
import { RANGE_MS, spanOf, withFilter, withoutFilter } from './search.ts';
import type { Filter, RangeName, ViewSearch } from './search.ts';

/** What the address bar says, and the ways to change it. */
export interface View {
  readonly search: ViewSearch;
  /** Changes the view; a step that can be taken back unless `replace`. */
  readonly change: (next: ViewSearch, replace?: boolean) => void;
  readonly filter: (filter: Filter) => void;
  readonly unfilter: (text: string) => void;
  readonly setRange: (range: RangeName) => void;
  readonly zoom: (fromMs: number, toMs: number) => void;
  readonly zoomBack: () => void;
  /** Moves the span by its own length, -1 earlier, 1 later. */
  readonly shift: (direction: -1 | 1) => void;
  readonly toggleClass: (kind: string) => void;
}

/** Spans that were zoomed into, so that Z leads back one at a time. */
let zooms: ViewSearch[] = [];

/** The view of the present page. */
export function useView(): View {
  const search: ViewSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const change = useCallback(
    (next: ViewSearch, replace = false) => {
      void navigate({ to: '.', search: next, replace, resetScroll: false });
    },
    [navigate],
  );
  return {
    search,
    change,
    filter: (filter) => change(withFilter(search, filter)),
    unfilter: (text) => change(withoutFilter(search, text)),
    setRange: (range) => {
      zooms = [];
      change({ ...withoutSpan(search), range });
    },
    zoom: (fromMs, toMs) => {
      if (toMs - fromMs < 1000) return;
      zooms = [...zooms.slice(-20), search];
      change({ ...search, from: Math.round(fromMs), to: Math.round(toMs) });
    },
    zoomBack: () => {
      const last = zooms.pop();
      const { from, to } = last ?? {};
      change({
        ...withoutSpan(search),
        ...(from === undefined || to === undefined ? {} : { from, to }),
      });
    },
    shift: (direction) => {
      const { fromMs, toMs } = spanOf(search, Date.now());
      const stepMs = (toMs - fromMs) * direction;
      const isFuture = toMs + stepMs >= Date.now();
      if (isFuture) return change(withoutSpan(search));
      change({ ...search, from: Math.round(fromMs + stepMs), to: Math.round(toMs + stepMs) });
    },
    toggleClass: (kind) => {
      const hidden = search.hide ?? [];
      const next = hidden.includes(kind) ? hidden.filter((one) => one !== kind) : [...hidden, kind];
      const { hide: _, ...rest } = search;
      change(next.length === 0 ? rest : { ...rest, hide: next }, true);
    },
  };
}

/** Copies text and says so. */
export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(`${what} copied`);
  } catch {
    toast(`Could not copy. ${what}: ${text}`);
  }
}

/** Length of the view's span in milliseconds. */
export function spanMsOf(search: ViewSearch): number {
  return search.from !== undefined && search.to !== undefined
    ? search.to - search.from
    : RANGE_MS[search.range ?? '1h'];
}

function withoutSpan(search: ViewSearch): ViewSearch {
  const { from: _from, to: _to, ...rest } = search;
  return rest;
}
