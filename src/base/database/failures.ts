import { AppError, AuthorizationError, ConflictError, ValidationError } from '../../core/errors.ts';

/** What PostgreSQL says of an error, as both drivers hand it on. */
interface SqlErrorFields {
  readonly code?: unknown;
  readonly detail?: unknown;
  readonly column?: unknown;
}

/** A breakdown that passes: 503, with the seconds after which the same request may be sent again. */
class PassingError extends AppError {
  override readonly name = 'PassingError';
  readonly retryAfterSeconds = 1;
}

/**
 * What a database's error means to the caller of a request: no SQL, no value, no name of a constraint.
 * Classes by SQLSTATE (PostgreSQL, appendix A).
 * @returns `undefined` for what is no error of a database
 */
export function databaseFailure(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error;
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, detail, column } = error as SqlErrorFields;
  if (typeof code !== 'string') return undefined;
  switch (code) {
    case '23505':
      return fields(detail, 'unique', 'This is taken already.', error);
    case '23503':
      return references(detail, error);
    case '23502':
      return mistake(typeof column === 'string' ? [column] : [''], 'required', 'This is missing.', error);
    case '23514':
      return mistake([''], 'check', 'This does not fit the rules of the data.', error);
    case '23P01':
      return new ConflictError('This overlaps with what is there.', { cause: error });
    case '42501':
      return new AuthorizationError(undefined, { cause: error });
    case '40001':
    case '40P01':
    case '55P03':
      return new PassingError('Others changed the same data. Try again.', 503, 'DATABASE_CONTENTION', {
        cause: error,
      });
    case '57014':
    case 'DATABASE_TIMEOUT':
      return new PassingError('This took too long.', 503, 'DATABASE_TIMEOUT', { cause: error });
    case 'DATABASE_UNAVAILABLE':
      return new PassingError('The data cannot be reached at the moment.', 503, 'DATABASE_UNAVAILABLE', {
        cause: error,
      });
    default:
      return byClass(code, error);
  }
}

/** Class 22 is about values that were sent; everything else with a SQLSTATE is ours to mend. */
function byClass(code: string, error: unknown): AppError | undefined {
  if (/^22(?:001|003|007|008|P02|P03|021|023)$/.test(code))
    return mistake([''], 'invalid', 'A value does not fit.', error);
  if (!/^[0-9A-Z]{5}$/.test(code)) return undefined;
  return new AppError('Something went wrong.', 500, 'INTERNAL_ERROR', { cause: error });
}

/** The columns of `Key (a, b)=(…)`; the values behind them are never read. */
function keyColumns(detail: unknown): readonly string[] {
  const columns = typeof detail === 'string' ? /^Key \(([^()]{1,200})\)=/.exec(detail)?.[1] : undefined;
  return (columns ?? '').split(',').map((name) => name.trim().replaceAll('"', ''));
}

function fields(detail: unknown, code: string, message: string, cause: unknown): AppError {
  return mistake(keyColumns(detail), code, message, cause);
}

/** Whoever writes a reference to nothing made a mistake; whoever deletes what others refer to meets a conflict. */
function references(detail: unknown, cause: unknown): AppError {
  if (typeof detail === 'string' && detail.includes('is still referenced'))
    return new ConflictError('Something else refers to this.', { cause });
  return fields(detail, 'reference', 'This refers to nothing.', cause);
}

function mistake(columns: readonly string[], code: string, message: string, cause: unknown): AppError {
  const details = columns.map((field) => ({ field, code, message }));
  return new ValidationError(undefined, { details, cause });
}

/** Runs `work`; an error of the database becomes what its caller may see. @throws AppError; what `work` throws */
export async function withFailures<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw databaseFailure(error) ?? error;
  }
}

/**
 * SQLSTATEs that an application with fixed statements does not meet: a refused right (42501, 28…), a statement that
 * cannot be read (42…), a write where none may be (25006), a limit of the server (54…).
 */
export function isSuspicious(code: string): boolean {
  return /^(?:42|28|54)...$|^25006$/.test(code);
}
