import { AppError } from '../../../core/errors.ts';

/**
 * 400: a value of the request would have changed the structure of an SQL statement; the statement was not sent. Neither the
 * statement nor the value is shown to the caller.
 */
export class SqlInjectionError extends AppError {
  override readonly name = 'SqlInjectionError';
  constructor() {
    super('The request was refused.', 400, 'SQL_INJECTION_REFUSED');
  }
}
