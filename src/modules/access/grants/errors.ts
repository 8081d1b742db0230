import {
  AppError,
  AuthorizationError,
  ConflictError,
  NotFoundError,
  ValidationError,
} from '../../../core/errors.ts';
import type { Conflict } from './separation.ts';

/** 409 SEPARATION_OF_DUTIES: nobody may hold both roles. */
export function separationRefused({ roles, reason }: Conflict): AppError {
  return new AppError(
    `Nobody may hold ${roles[0]} and ${roles[1]} together: ${reason}`,
    409,
    'SEPARATION_OF_DUTIES',
    { details: { roles, reason } },
  );
}

/** 409 APPROVAL_REQUIRED: somebody asks for this role, and somebody else approves. */
export function approvalRequired(role: string): AppError {
  return new AppError(
    `The role ${role} needs two people: ask for it, and let another person approve.`,
    409,
    'APPROVAL_REQUIRED',
  );
}

/** 403: one person may not be both sides of a decision. */
export function ownDecision(what: string): AuthorizationError {
  return new AuthorizationError(`Nobody decides on ${what} of their own.`);
}

/** 409: it has ended, was decided, or is there already. */
export function stateConflict(message: string): ConflictError {
  return new ConflictError(message);
}

/** 404. */
export function noSuch(what: string): NotFoundError {
  return new NotFoundError(`There is no such ${what}.`);
}

/** 400 with one field. */
export function invalidField(field: string, code: string, message: string): ValidationError {
  return new ValidationError('The request is not valid.', { details: [{ field, code, message }] });
}
