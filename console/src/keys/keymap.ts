/** What a key asks for. Pages answer the ones that mean something there. */
export type Command =
  | 'go-overview'
  | 'go-decisions'
  | 'go-limits'
  | 'go-blocks'
  | 'go-events'
  | 'go-health'
  | 'go-audit'
  | 'go-users'
  | 'go-access'
  | 'go-mailbox'
  | 'go-uploads'
  | 'go-keys'
  | 'go-statements'
  | 'go-shield'
  | 'go-alerts'
  | 'go-responses'
  | 'acknowledge'
  | 'investigate'
  | 'snooze'
  | 'note'
  | 'palette'
  | 'help'
  | 'filter-box'
  | 'row-next'
  | 'row-previous'
  | 'select-next'
  | 'select-previous'
  | 'filter'
  | 'exclude'
  | 'block'
  | 'undo'
  | 'range'
  | 'live'
  | 'table'
  | 'zoom-back'
  | 'span-earlier'
  | 'span-later'
  | 'copy-link'
  | 'keep'
  | 'revoke'
  | 'explain'
  | 'dismiss'
  | 'panel'
  | 'back';

/** One line of the list of keys. */
export interface Binding {
  readonly command: Command;
  /** Pressed one after the other. */
  readonly keys: readonly string[];
  readonly label: string;
  readonly group: 'Go to' | 'Everywhere' | 'Lists' | 'Alerts' | 'Time and chart';
}

export const BINDINGS: readonly Binding[] = [
  { command: 'go-overview', keys: ['g', 'o'], label: 'Overview', group: 'Go to' },
  { command: 'go-alerts', keys: ['g', 'i'], label: 'Alerts', group: 'Go to' },
  { command: 'go-responses', keys: ['g', 'r'], label: 'Responses', group: 'Go to' },
  { command: 'go-decisions', keys: ['g', 'd'], label: 'Decisions', group: 'Go to' },
  { command: 'go-shield', keys: ['g', 'w'], label: 'Shield', group: 'Go to' },
  { command: 'go-limits', keys: ['g', 'l'], label: 'Limits', group: 'Go to' },
  { command: 'go-blocks', keys: ['g', 'b'], label: 'Blocks', group: 'Go to' },
  { command: 'go-events', keys: ['g', 'e'], label: 'Events', group: 'Go to' },
  { command: 'go-health', keys: ['g', 'h'], label: 'Health', group: 'Go to' },
  { command: 'go-audit', keys: ['g', 't'], label: 'Audit log', group: 'Go to' },
  { command: 'go-users', keys: ['g', 'u'], label: 'Users', group: 'Go to' },
  { command: 'go-access', keys: ['g', 'a'], label: 'Access', group: 'Go to' },
  { command: 'go-uploads', keys: ['g', 'f'], label: 'Uploads', group: 'Go to' },
  { command: 'go-keys', keys: ['g', 'k'], label: 'Keys, for administrators', group: 'Go to' },
  { command: 'go-statements', keys: ['g', 's'], label: 'Statements', group: 'Go to' },
  { command: 'go-mailbox', keys: ['g', 'm'], label: 'Mailbox, where mails are kept', group: 'Go to' },
  { command: 'help', keys: ['?'], label: 'This list of keys', group: 'Everywhere' },
  { command: 'filter-box', keys: ['/'], label: 'Filter', group: 'Everywhere' },
  { command: 'copy-link', keys: ['y'], label: 'Copy link to this view', group: 'Everywhere' },
  {
    command: 'undo',
    keys: ['u'],
    label: 'Undo the last act, or the response that has the focus…',
    group: 'Everywhere',
  },
  { command: 'back', keys: ['Escape'], label: 'Back, close', group: 'Everywhere' },
  { command: 'panel', keys: ['1'], label: 'Panel of the page, 1 to 9', group: 'Everywhere' },
  { command: 'row-next', keys: ['j'], label: 'Next row', group: 'Lists' },
  { command: 'row-previous', keys: ['k'], label: 'Previous row', group: 'Lists' },
  {
    command: 'filter',
    keys: ['f'],
    label: 'Filter by the focused value (events: ← → walk the values of a row)',
    group: 'Lists',
  },
  {
    command: 'exclude',
    keys: ['x'],
    label: 'Exclude the focused value; false alarm: draft…',
    group: 'Lists',
  },
  { command: 'explain', keys: ['e'], label: 'False alarm: what was found', group: 'Lists' },
  { command: 'dismiss', keys: ['d'], label: 'False alarm: dismiss…', group: 'Lists' },
  { command: 'keep', keys: ['c'], label: 'Review: keep the focused line', group: 'Lists' },
  { command: 'revoke', keys: ['r'], label: 'Review: revoke the focused line…', group: 'Lists' },
  { command: 'select-next', keys: ['Shift+j'], label: 'Select, and the next row too', group: 'Alerts' },
  { command: 'select-previous', keys: ['Shift+k'], label: 'Select, and the one before too', group: 'Alerts' },
  { command: 'acknowledge', keys: ['a'], label: 'Take', group: 'Alerts' },
  { command: 'investigate', keys: ['i'], label: 'Investigating', group: 'Alerts' },
  { command: 'snooze', keys: ['s'], label: 'Snooze for an hour', group: 'Alerts' },
  { command: 'note', keys: ['n'], label: 'Write a note', group: 'Alerts' },
  { command: 'block', keys: ['b'], label: 'Block an address…', group: 'Everywhere' },
  { command: 'range', keys: ['t'], label: 'Time range', group: 'Time and chart' },
  { command: 'span-earlier', keys: ['['], label: 'Earlier span', group: 'Time and chart' },
  { command: 'span-later', keys: [']'], label: 'Later span', group: 'Time and chart' },
  { command: 'zoom-back', keys: ['z'], label: 'Zoom back', group: 'Time and chart' },
  { command: 'live', keys: ['l'], label: 'Live on or off', group: 'Time and chart' },
  { command: 'table', keys: ['v'], label: 'Table behind the chart', group: 'Time and chart' },
];

/** What keys of the other groups mean where alerts are gone through. */
export const ALERT_KEYS: readonly Pick<Binding, 'command' | 'label'>[] = [
  { command: 'revoke', label: 'Resolve' },
  { command: 'filter', label: 'False positive' },
  { command: 'exclude', label: 'Select' },
];

/** How long a first key waits for its second, in milliseconds. */
export const SEQUENCE_MS = 1200;

/** A first key that is waiting for its second; null when none is. */
export type Waiting = { readonly key: string; readonly atMs: number } | null;

/** What a key press leads to: a command, or a first key that now waits. */
export function press(
  waiting: Waiting,
  key: string,
  nowMs: number,
): { readonly command: Command | null; readonly waiting: Waiting } {
  const pressed = key.length === 1 ? key.toLowerCase() : key;
  if (waiting !== null && nowMs - waiting.atMs <= SEQUENCE_MS) {
    const second = BINDINGS.find(({ keys }) => keys[0] === waiting.key && keys[1] === pressed);
    return { command: second?.command ?? null, waiting: null };
  }
  const starts = BINDINGS.some(({ keys }) => keys.length === 2 && keys[0] === pressed);
  if (starts) return { command: null, waiting: { key: pressed, atMs: nowMs } };
  // All digits stand for one command; which panel is meant, the key itself says.
  const wanted = /^[1-9]$/.test(pressed) ? '1' : pressed;
  const single = BINDINGS.find(({ keys }) => keys.length === 1 && keys[0] === wanted);
  return { command: single?.command ?? null, waiting: null };
}

/** The key of an event, as bindings name it: with Shift where that leads elsewhere; capitals alone are caps lock. */
export function keyOf({ key, shiftKey }: Pick<KeyboardEvent, 'key' | 'shiftKey'>): string {
  const held = `Shift+${key.toLowerCase()}`;
  return shiftKey && BINDINGS.some(({ keys }) => keys.includes(held)) ? held : key;
}

/** Keys of a command as they are printed on a keyboard. */
export function keysOf(command: Command): readonly string[] {
  if (command === 'panel') return ['1', '…', '9'];
  const keys = BINDINGS.find((one) => one.command === command)?.keys ?? [];
  return keys
    .flatMap((key) => key.split('+'))
    .map((key) => (key === 'Escape' ? 'Esc' : key.length === 1 ? key.toUpperCase() : key));
}
