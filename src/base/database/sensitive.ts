import { ValidationError } from '../../core/errors.ts';
import type { EventFields, EventType } from '../../core/events.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';

/** Who reads what, and what for. */
export interface SensitiveRead {
  /** Principal's id. */
  readonly actor: string;
  /** Name of the table or of the kind of rows, such as `payout_accounts`. */
  readonly rows: string;
  /** In the reader's own words or by a code of the application, 3 to 200 characters: `ticket 4711, refund`. */
  readonly purpose: string;
  /** Client address. */
  readonly address?: string;
  /** Decision id. */
  readonly decision?: string;
}

/** Live objects of {@link readSensitive}. */
export interface SensitivePorts {
  readonly sql: Pick<SqlStore, 'transaction'>;
  /** Writes an audit event into the transaction. */
  readonly audit: (sql: SqlRunner, type: EventType, fields: EventFields) => Promise<void>;
}

const MAX_IDS = 20;
const MAX_ID_LENGTH = 64;

/**
 * Reads rows that are marked as sensitive, and writes down who read which of them and what for: in one transaction, so
 * that nothing is handed out that is not written. The event holds the ids of the first 20 rows and how many there were;
 * never a column's value or a parameter.
 * @param idOf names a row, by its key
 * @throws ValidationError (400) without a purpose; what reading and writing throw
 */
export async function readSensitive<Row>(
  act: SensitiveRead,
  read: (sql: SqlRunner) => Promise<readonly Row[]>,
  idOf: (row: Row) => string | number,
  ports: SensitivePorts,
): Promise<readonly Row[]> {
  const purpose = act.purpose.trim();
  if (purpose.length < 3 || purpose.length > 200) {
    const message = 'Say what these rows are read for, in 3 to 200 characters.';
    throw new ValidationError(undefined, { details: [{ field: 'purpose', code: 'REQUIRED', message }] });
  }
  return ports.sql.transaction(async (sql) => {
    const rows = await read(sql);
    const ids = rows.slice(0, MAX_IDS).map((row) => String(idOf(row)).slice(0, MAX_ID_LENGTH));
    await ports.audit(sql, 'SENSITIVE_ROWS_READ', {
      actor: act.actor,
      subject: act.rows,
      outcome: 'success',
      ...(act.address === undefined ? {} : { address: act.address }),
      ...(act.decision === undefined ? {} : { decision: act.decision }),
      details: { purpose, count: rows.length, ids: ids.join(',') },
    });
    return rows;
  });
}
