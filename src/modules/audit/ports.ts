import type { Clock, Timers } from '../../core/clock.ts';
import type { EventFields, EventSink, EventType } from '../../core/events.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import type { CheckpointSigner } from './note.ts';

/** Where a node keeps checkpoints outside of the database: lines that are only ever added to. */
export interface CheckpointFile {
  /** All lines, oldest first; one that was cut off by a crash is left out. */
  read(): AsyncIterable<string>;
  /** Resolves when they would survive a loss of power. */
  append(lines: readonly string[]): Promise<void>;
  /** Puts what is there aside, never to be written again, and begins anew. @returns its name */
  putAside(nowMs: number): Promise<string>;
}

/** Another place for checkpoints: object storage with a lock, a mailbox, a peer. */
export interface CheckpointSink {
  readonly name: string;
  /** Given every note that this node signs, oldest first; while one fails, it is given again and the later ones wait. */
  write(note: string): Promise<void>;
}

/** Words for people who run the house. */
export interface AuditWords {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What the log stands on. */
export interface AuditPorts {
  readonly sql: SqlStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly signer: CheckpointSigner;
  readonly file: CheckpointFile;
  readonly sinks?: readonly CheckpointSink[];
  /** For signals. */
  readonly events: EventSink;
  /** Writes an audit event in a running transaction. */
  readonly write: (tx: SqlRunner, type: EventType, fields: EventFields) => Promise<void>;
  readonly node: string;
  readonly log: AuditWords;
}
