import { AppError, type ErrorDetails, RateLimitError, ValidationError } from '../../core/errors.ts';
import type { FactorKind, PasswordFault } from './contract.ts';

/** 401 INVALID_CREDENTIALS: wrong, unknown, locked and unverified sound alike. */
export function invalidCredentials(): AppError {
  return new AppError('Mail address or password is not right.', 401, 'INVALID_CREDENTIALS');
}

/** 401 INVALID_CODE: a code or passkey was wrong, used, or too old. */
export function invalidCode(factor: FactorKind): AppError {
  const message = factor === 'passkey' ? 'The passkey was not accepted.' : 'This code is not right.';
  return new AppError(message, 401, 'INVALID_CODE');
}

/** 401 CHALLENGE_INVALID: the sign-in must be started anew. */
export function challengeInvalid(): AppError {
  return new AppError('This sign-in has run out. Start again.', 401, 'CHALLENGE_INVALID');
}

/** 401 SESSION_ENDED. */
export function sessionEnded(): AppError {
  return new AppError('This session has ended. Sign in again.', 401, 'SESSION_ENDED');
}

/** 401 FRESH_AUTH_REQUIRED with what can be proven and how long that counts. */
export function freshAuthRequired(factors: readonly FactorKind[], withinMs: number): AppError {
  return new AppError('Prove again that it is you.', 401, 'FRESH_AUTH_REQUIRED', {
    details: { factors, withinSeconds: Math.floor(withinMs / 1_000) },
  });
}

/** 403 MFA_REQUIRED: a second factor must be enrolled or proven first. */
export function mfaRequired(): AppError {
  return new AppError('This needs a second factor.', 403, 'MFA_REQUIRED');
}

/** 403 PASSWORD_RESET_REQUIRED: a new password must be set first. */
export function passwordResetRequired(): AppError {
  return new AppError('Set a new password first.', 403, 'PASSWORD_RESET_REQUIRED');
}

/** 403 FACTOR_DISABLED: tried wrongly too often; it must be enrolled anew. */
export function factorDisabled(): AppError {
  return new AppError(
    'This factor was tried wrongly too often and must be set up anew. Use another one or ask for help.',
    403,
    'FACTOR_DISABLED',
  );
}

/** 403 SIGN_UP_CLOSED: accounts are made by invitation here. */
export function signUpClosed(): AppError {
  return new AppError('Accounts are made by invitation here.', 403, 'SIGN_UP_CLOSED');
}

/** 400 LINK_INVALID: wrong, used before, or too old. */
export function linkInvalid(): AppError {
  return new AppError('This link is not good any more. Ask for a new one.', 400, 'LINK_INVALID');
}

/** 400 with one field. */
export function invalidField(field: string, code: string, message: string): ValidationError {
  return new ValidationError('The request is not valid.', { details: [{ field, code, message }] });
}

/** 400 that names every fault of a new password. */
export function passwordRefused(field: string, faults: readonly PasswordFault[]): ValidationError {
  const details: ErrorDetails = faults.map(({ code, message }) => ({ field, code, message }));
  return new ValidationError('The password is not accepted.', { details });
}

/** 429 with a time to wait. */
export function tooManyAttempts(retryAfterSeconds: number): RateLimitError {
  return new RateLimitError(retryAfterSeconds, 'Too many attempts. Wait a little.');
}
