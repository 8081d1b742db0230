import type { Clock, Timers } from '../../core/clock.ts';
import type { EventSink } from '../../core/events.ts';
import type { FileStore } from '../../ports/files.ts';
import type { Scanner } from './scan/scanner.ts';
import type { Reencode } from './reencode.ts';

/** What became of a file. `kept` alone is ever handed out. */
export const UPLOAD_STATES = ['kept', 'held', 'infected', 'refused'] as const;
export type UploadState = (typeof UPLOAD_STATES)[number];

/** What is known of a file that somebody sent. Never its content. */
export interface UploadRow {
  /** `upl_…`; its key in the store, too. */
  readonly id: string;
  /** Which upload of the configuration. */
  readonly upload: string;
  /** Principal's id; null for nobody. */
  readonly owner: string | null;
  readonly state: UploadState;
  /** Why it was refused or held, dotted. */
  readonly reason: string | null;
  /** What the scanner found. */
  readonly signature: string | null;
  /** Media type by content; null where that was not found out. */
  readonly type: string | null;
  readonly extension: string;
  readonly displayName: string;
  readonly bytes: number;
  readonly sha256: string | null;
  readonly flags: readonly string[];
  readonly width: number | null;
  readonly height: number | null;
  readonly address: string | null;
  readonly decision: string | null;
  readonly atMs: number;
  /** Who changed its state since, and when. */
  readonly changedBy: string | null;
  readonly changedAtMs: number | null;
}

/** Which rows. */
export interface UploadQuery {
  readonly upload?: string;
  readonly owner?: string;
  readonly states?: readonly UploadState[];
  /** Only ids older than this. */
  readonly before?: string;
  /** At most, 1 to 1,000. */
  readonly limit: number;
  /** Default newest first. */
  readonly order?: 'newest' | 'oldest';
}

/** What is changed of a row. */
export type UploadChange = Pick<UploadRow, 'state' | 'reason' | 'signature' | 'changedBy'>;

/** Keeps rows. */
export interface UploadRecords {
  /** All or none. */
  add(rows: readonly UploadRow[]): Promise<void>;
  get(id: string): Promise<UploadRow | undefined>;
  list(query: UploadQuery): Promise<readonly UploadRow[]>;
  /** Changes a row that is still in that state, in one step. @returns whether it was */
  change(id: string, from: UploadState, change: UploadChange, nowMs: number): Promise<boolean>;
  /** @returns whether there was one of these states */
  remove(id: string, states: readonly UploadState[]): Promise<boolean>;
}

/** What uploads stand on. */
export interface UploadPorts {
  readonly store: FileStore;
  readonly records: UploadRecords;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly events: EventSink;
  /** Default: clamd, where the options name one. */
  readonly scanner?: Scanner;
  /** Needed where pictures are written anew; see `sharpReencode`. */
  readonly reencode?: Reencode;
  /** Lets few files be looked through at a time; shared by all uploads of a process. */
  readonly turns?: Turns;
}

/** Lets a few go on at the same time, in the order in which they came. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Runs `work` when it is its turn. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((go) => void this.#waiting.push(go));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
