import type { SqlResult } from '../../ports/sql.ts';

/** What the worker is asked. Values are in PostgreSQL's text form. */
export interface WorkerRequest {
  readonly id: number;
  readonly kind: 'query' | 'script' | 'close';
  readonly text: string;
  readonly values: readonly (string | null)[];
}

/** A database error without its class, to cross the thread. */
export interface PlainSqlError {
  readonly message: string;
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly schema?: string | undefined;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  readonly constraint?: string | undefined;
}

/** What the worker says. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly absent: boolean; readonly message: string }
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly rows: SqlResult['rows'];
      readonly affected: number;
      readonly command: string;
    }
  | { readonly kind: 'error'; readonly id: number; readonly error: PlainSqlError }
  | { readonly kind: 'notify'; readonly channel: string; readonly payload: string };

/** How the worker is started. */
export interface WorkerStart {
  /** Folder of the database, or `undefined` for one in memory. */
  readonly folder: string | undefined;
  /** Make the database in the folder and end. */
  readonly create: boolean;
  /** File with a new database to start one in memory from, written when it is absent. */
  readonly template: string | undefined;
  /** Flat settings: `['shared_buffers=8MB']`. */
  readonly settings: readonly string[];
}

/** An error of the embedded database, with the fields that a server's error has. `code` is the SQLSTATE. */
export class EmbeddedSqlError extends Error {
  override readonly name = 'SqlError';
  readonly code: string | undefined;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly schema: string | undefined;
  readonly table: string | undefined;
  readonly column: string | undefined;
  readonly constraint: string | undefined;

  constructor(plain: PlainSqlError) {
    super(plain.message);
    this.code = plain.code;
    this.detail = plain.detail;
    this.hint = plain.hint;
    this.schema = plain.schema;
    this.table = plain.table;
    this.column = plain.column;
    this.constraint = plain.constraint;
  }
}
