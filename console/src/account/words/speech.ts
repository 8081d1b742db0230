import { useSyncExternalStore } from 'react';
import { AR, AR_COUNTED } from './ar.ts';
import { EN, EN_COUNTED } from './en.ts';
import type { Counted, Dictionary, WordKey } from './en.ts';

/** Languages of the account pages. */
export type Language = 'en' | 'ar';
/** Each language with its own name, and the direction it is written in. */
export const LANGUAGES: Readonly<
  Record<
    Language,
    {
      readonly name: string;
      readonly dir: 'ltr' | 'rtl';
      readonly words: Dictionary;
      readonly counted: Counted;
    }
  >
> = {
  en: { name: 'English', dir: 'ltr', words: EN, counted: EN_COUNTED },
  ar: { name: 'العربية', dir: 'rtl', words: AR, counted: AR_COUNTED },
};

/** What fills the gaps of a sentence. */
export type Values = Readonly<Record<string, string | number>>;

/** Everything a page says, in one language. */
export interface Speech {
  readonly language: Language;
  /** A sentence. Numbers are written as the language writes them. */
  readonly t: (key: WordKey, values?: Values) => string;
  /** A sentence that counts. */
  readonly count: (key: keyof Counted, n: number) => string;
  /** A day. */
  readonly date: (atMs: number) => string;
  /** A day and its time. */
  readonly dateTime: (atMs: number) => string;
  /** How long ago: `2 hours ago`, `yesterday`. */
  readonly ago: (atMs: number, nowMs: number) => string;
  /** Minutes and seconds of a wait: `1:05`. */
  readonly wait: (seconds: number) => string;
}

/** Makes the speech of a language. */
export function speechOf(language: Language): Speech {
  const { words, counted } = LANGUAGES[language];
  const number = new Intl.NumberFormat(language);
  const padded = new Intl.NumberFormat(language, { minimumIntegerDigits: 2 });
  const plural = new Intl.PluralRules(language);
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
  const moment = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const fill = (text: string, values: Values): string =>
    text.replace(/\{(\w+)\}/g, (gap, name: string) => {
      const value = values[name];
      if (value === undefined) return gap;
      return typeof value === 'number' ? number.format(value) : value;
    });
  return {
    language,
    t: (key, values = {}) => fill(words[key], values),
    count: (key, n) => fill(counted[key][plural.select(n)] ?? counted[key].other, { n }),
    date: (atMs) => day.format(atMs),
    dateTime: (atMs) => moment.format(atMs),
    ago: (atMs, nowMs) => agoIn(relative, nowMs - atMs),
    wait: (seconds) => `${number.format(Math.floor(seconds / 60))}:${padded.format(seconds % 60)}`,
  };
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number, number])[] = [
  ['second', 60_000, 1000],
  ['minute', 3_600_000, 60_000],
  ['hour', 86_400_000, 3_600_000],
  ['day', 30 * 86_400_000, 86_400_000],
  ['month', 365 * 86_400_000, 30 * 86_400_000],
  ['year', Infinity, 365 * 86_400_000],
];
function agoIn(relative: Intl.RelativeTimeFormat, passedMs: number): string {
  const ms = Math.max(0, passedMs);
  // Under a minute is now: seconds that stand still would be wrong at once.
  const [unit, , size] = STEPS.find(([, below]) => ms < below) ?? ['year', 0, 1];
  return unit === 'second' ? relative.format(0, 'second') : relative.format(-Math.floor(ms / size), unit);
}

const NAME = 'rampart.language';
const listeners = new Set<() => void>();
let current = speechOf(remembered());

function remembered(): Language {
  if (typeof navigator === 'undefined') return 'en';
  try {
    const found = localStorage.getItem(NAME);
    if (found === 'en' || found === 'ar') return found;
  } catch {
    // Storage may be forbidden: the browser's languages then decide each time.
  }
  const wanted = navigator.languages
    .map((tag) => tag.slice(0, 2))
    .find((tag) => tag === 'ar' || tag === 'en');
  return wanted === 'ar' ? 'ar' : 'en';
}

/** The speech of the chosen language, kept up to date. */
export function useSpeech(): Speech {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
/** The chosen language now. */
export function language(): Language {
  return current.language;
}
/** Chooses a language, remembers it, and turns the page's direction. */
export function chooseLanguage(next: Language): void {
  current = speechOf(next);
  try {
    localStorage.setItem(NAME, next);
  } catch {
    // The choice then lasts as long as the page.
  }
  applyLanguage();
  for (const listener of listeners) listener();
}
/** Writes language and direction to the document. */
export function applyLanguage(): void {
  document.documentElement.lang = current.language;
  document.documentElement.dir = LANGUAGES[current.language].dir;
}
