import { useSyncExternalStore } from 'react';
import type { Zone } from '../format/time.ts';

/** What a reader set for this browser. */
export interface Settings {
  readonly theme: 'system' | 'light' | 'dark';
  /** Single-key shortcuts; off leaves only ⌘K, Escape, Tab and arrows (WCAG 2.1.4). */
  readonly keys: boolean;
  readonly zone: Zone;
}

const DEFAULTS: Settings = { theme: 'system', keys: true, zone: 'local' };
const NAME = 'rampart.settings';
const listeners = new Set<() => void>();
let current = read();

/** The settings, kept up to date. */
export function useSettings(): Settings {
  return useSyncExternalStore(subscribe, getSettings);
}
/** The settings now. */
export function getSettings(): Settings {
  return current;
}
/** Changes settings, remembers them, and repaints. */
export function changeSettings(change: Partial<Settings>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(NAME, JSON.stringify(current));
  } catch {
    // Storage may be forbidden; the change then lasts as long as the page.
  }
  applyTheme();
  for (const listener of listeners) listener();
}
/** Writes the theme to the document; without one the system's is followed by CSS alone. */
export function applyTheme(): void {
  const root = document.documentElement;
  if (current.theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = current.theme;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
function read(): Settings {
  try {
    const found = JSON.parse(localStorage.getItem(NAME) ?? '{}') as Partial<Settings>;
    return {
      theme: found.theme === 'light' || found.theme === 'dark' ? found.theme : DEFAULTS.theme,
      keys: found.keys !== false,
      zone: found.zone === 'utc' ? 'utc' : 'local',
    };
  } catch {
    return DEFAULTS;
  }
}
