/**
 * Regular expressions whose time grows with the square of their input, and why that does no harm: the input is bounded by
 * these characters, or it is the house's own.
 */
export const BOUNDED: Readonly<Record<string, { readonly most: number; readonly why: string }>> = {
  [String.raw`/\(?((?:file:\/\/)?\/[^()]+:\d+):\d+\)?$/`]: {
    most: 4_096,
    why: 'lines of stacks of the house',
  },
  [String.raw`/\(*(?:"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*))\)?(?:::[\p{L} ]+)?\s*(=|<=|>=|<|>)\s/gu`]: {
    most: 1_000,
    why: 'conditions of plans that PostgreSQL wrote',
  },
  '/ (?:DESC|ASC).*$/': { most: 1_000, why: 'sort keys of plans that PostgreSQL wrote' },
  [String.raw`/[\s.]+$/`]: { most: 320, why: 'domains of addresses that were cut before' },
  [String.raw`/\.+$/`]: { most: 320, why: 'local parts of addresses that were cut before' },
  [String.raw`/^"?([^<>"\r\n]*?)"?\s*<([^<>]+)>$/`]: { most: 400, why: 'the sender in the configuration' },
  [String.raw`/\/+$/`]: { most: 2_000, why: 'addresses in the configuration' },
  '/=+$/': { most: 100, why: 'Base64 that was made here' },
  [String.raw`/[.\s]+$/`]: { most: 1_024, why: 'file names, refused above that length' },
  [String.raw`/"RATE_LIMIT_EXCEEDED".*\}$/s`]: { most: 4_096, why: 'answers of the house, in its own tests' },
};

/** Folders whose expressions read the files and lines of the person who runs the program. */
export const OWN_INPUT = ['src/server/cli/', 'src/testing/'] as const;

const SIGNS = '=+\\-@＝＋－＠﹦﹢﹣﹫−⁺₊⁼₌⁻₋﬩⩵⩶';
const UNSEEN = '[\\s\\p{Z}\\p{C}"\'‘’“”]*';

/** What is built while the program runs, by file, and what it becomes: source and flags. */
export const BUILT: Readonly<Record<string, readonly (readonly [source: string, flags: string])[]>> = {
  'src/base/csv/cell.ts': [
    [`^(?:[\\p{Cc}]|${UNSEEN}[${SIGNS}])`, 'u'],
    [`[;\\t\\r\\n]${UNSEEN}[${SIGNS}]?`, 'gu'],
    [`[${SIGNS}]$`, 'u'],
  ],
  'src/base/secrets/token.ts': [['^([a-z][a-z0-9_]{0,82})_([0-9A-Za-z]{22,86})([0-9A-Za-z]{6})$', '']],
  'src/modules/identity/factor/backup.ts': [['.{4}', 'g']],
  'src/modules/upload/inspect/marked.ts': [
    [String.raw`(?:^|\s)width\s*=\s*["'](\d{1,6})(?:\.\d{1,10})?(?:px)?["']`, 'i'],
  ],
  'src/server/api/schemas.ts': [['^key_[0-9a-hjkmnp-tv-z]{26}$', '']],
};
