import { fileURLToPath } from 'node:url';
import type { Clock } from '../../core/clock.ts';
import { currentRequest } from './request-scope.ts';
import type { StatementCache } from './statement.ts';

/** A statement that one request asked too often: mostly a query per row where one for all rows would do. */
export interface RepeatNotice {
  readonly shape: string;
  /** How often the request had asked it when this was noticed; it may go on. */
  readonly count: number;
  /** File and line that asked; `unknown` where the stack does not tell. */
  readonly place: string;
}

/** Notices statements that one request repeats. */
export interface RepeatWatch {
  /** Counts a statement that is about to be sent. */
  begin(text: string): void;
}

/** Shapes that one request is counted for at most. */
const MAX_SHAPES = 500;
const MAX_TOLD = 1_000;
const TOLD_EVERY_MS = 60_000;
/** Frames of this folder, of drivers and of packages say nothing of who asked. */
const OWN = fileURLToPath(new URL('.', import.meta.url));
const STORES = fileURLToPath(new URL('../../stores/', import.meta.url));

/**
 * Tells, once a minute for each statement and place, when one request asks the same shape more than `limit` times. For
 * development: every statement costs a look into a map, and the one that goes over a stack trace.
 */
export function repeatWatch(
  limit: number,
  statements: StatementCache,
  ports: { readonly clock: Clock; readonly notice: (notice: RepeatNotice) => void },
): RepeatWatch {
  const told = new Map<string, number>();
  return {
    begin(text) {
      const shapes = currentRequest()?.shapes;
      if (!shapes) return;
      const { shape } = statements.read(text);
      const count = (shapes.get(shape) ?? 0) + 1;
      if (count > 1 || shapes.size < MAX_SHAPES) shapes.set(shape, count);
      if (count !== limit + 1) return;
      const place = placeOf(new Error('place').stack ?? '');
      const key = `${place} ${shape}`;
      const now = ports.clock.monotonic();
      if (now - (told.get(key) ?? Number.NEGATIVE_INFINITY) < TOLD_EVERY_MS) return;
      if (told.size >= MAX_TOLD) told.clear();
      told.set(key, now);
      ports.notice({ shape, count, place });
    },
  };
}

/** The first frame of the application's own. */
function placeOf(stack: string): string {
  for (const line of stack.split('\n').slice(1)) {
    const found = /\(?((?:file:\/\/)?\/[^()]+:\d+):\d+\)?$/.exec(line.trim())?.[1];
    if (found === undefined) continue;
    const path = found.startsWith('file://') ? found.slice('file://'.length) : found;
    if (path.includes('/node_modules/') || path.startsWith(STORES)) continue;
    if (path.startsWith(OWN) && !path.includes('.test.ts:')) continue;
    return path;
  }
  return 'unknown';
}
