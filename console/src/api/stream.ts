import { useEffect, useSyncExternalStore } from 'react';
import type {
  ChangeMessage,
  DecisionSummary,
  EventEntry,
  TickMessage,
} from '../../../src/server/api/types.ts';
import { queryClient } from './queries.ts';

/** Ceilings: what a page keeps of the stream, however long it stays open. */
const MAX_TICKS = 120;
const MAX_DECISIONS = 200;
const REOPEN_MS = 5000;

/** What the stream said, newest last. */
export interface StreamState {
  /** `live` while messages come; `silent` when the connection is lost and being tried again. */
  readonly state: 'off' | 'opening' | 'live' | 'silent';
  /** Arrival of the last message, milliseconds since the epoch; 0 before the first. */
  readonly lastAtMs: number;
  readonly ticks: readonly TickMessage[];
  readonly decisions: readonly DecisionSummary[];
  /** Latest notice of severity MEDIUM and above. */
  readonly notice: EventEntry | null;
}

let state: StreamState = { state: 'off', lastAtMs: 0, ticks: [], decisions: [], notice: null };
const listeners = new Set<() => void>();
let source: EventSource | null = null;
let users = 0;
let pending: DecisionSummary[] = [];

/** The stream as it stands. Listening does not open it; `useStreamConnection` does. */
export function useStream(): StreamState {
  return useSyncExternalStore(subscribe, getState);
}

/** Keeps the stream open while `wanted`. One connection serves all users on the page. */
export function useStreamConnection(wanted: boolean): void {
  useEffect(() => {
    if (!wanted) return undefined;
    users += 1;
    if (users === 1) open();
    return () => {
      users -= 1;
      if (users === 0) close();
    };
  }, [wanted]);
}

function open(): void {
  set({ state: 'opening' });
  source = new EventSource('/admin/stream');
  source.addEventListener('error', () => {
    set({ state: 'silent' });
    if (source?.readyState === EventSource.CLOSED) reopen();
  });
  source.addEventListener('open', () => set({ state: 'live' }));
  source.addEventListener('tick', (event) => onTick(JSON.parse(event.data) as TickMessage));
  // Decisions wait for the next tick, so that a burst paints once a second and not twenty times.
  source.addEventListener('decision', (event) => {
    if (pending.length < MAX_DECISIONS) pending.push(JSON.parse(event.data) as DecisionSummary);
  });
  source.addEventListener('notice', (event) => {
    set({ notice: JSON.parse(event.data) as EventEntry });
    void queryClient.invalidateQueries({ queryKey: ['events'] });
  });
  source.addEventListener('change', (event) => {
    void queryClient.invalidateQueries({ queryKey: [(JSON.parse(event.data) as ChangeMessage).what] });
    void queryClient.invalidateQueries({ queryKey: ['posture'] });
  });
}

/** A refused stream is not tried again by the browser: it is asked why (the session may have run out), then reopened. */
function reopen(): void {
  source?.close();
  source = null;
  void queryClient.invalidateQueries({ queryKey: ['session'] });
  setTimeout(() => {
    if (users > 0 && source === null) open();
  }, REOPEN_MS);
}

function onTick(tick: TickMessage): void {
  const decisions = pending.length === 0 ? state.decisions : [...state.decisions, ...pending];
  pending = [];
  set({
    state: 'live',
    lastAtMs: Date.now(),
    ticks: [...state.ticks.slice(1 - MAX_TICKS), tick],
    decisions: decisions.slice(-MAX_DECISIONS),
  });
}

function close(): void {
  source?.close();
  source = null;
  set({ state: 'off' });
}

function set(change: Partial<StreamState>): void {
  state = { ...state, ...change };
  for (const listener of listeners) listener();
}
function getState(): StreamState {
  return state;
}
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
