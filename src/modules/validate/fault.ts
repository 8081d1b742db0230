import { ValidationError } from '../../core/errors.ts';

/** One thing that is wrong with a request: never the value itself. */
export interface FieldFault {
  /** `items.0.quantity`; the name of the part where the whole of it is meant. */
  readonly field: string;
  /** Stable, listed in docs/errors.md. */
  readonly code: string;
  readonly message: string;
}

/** The error of one fault. */
export function refused(fault: FieldFault): ValidationError {
  return refusedAll([fault]);
}

/** The error of several faults. */
export function refusedAll(details: readonly FieldFault[]): ValidationError {
  return new ValidationError('The request is not valid.', { details });
}
