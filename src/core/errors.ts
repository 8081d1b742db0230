/** Plain data that may stand in an error's `details`. */
export type ErrorDetails = Readonly<Record<string, unknown>> | readonly unknown[];

/**
 * An error that may be shown to the caller: its message, status and code reach the response.
 * Anything else that is thrown answers 500 with a generic message and an error id.
 */
export class AppError extends Error {
  override readonly name: string = 'AppError';
  /** HTTP status, 400 to 599. */
  readonly status: number;
  /** Stable, upper-case machine code, listed in docs/errors.md. */
  readonly code: string;
  /** More for the caller; never a secret, never an echoed value. */
  readonly details: ErrorDetails | undefined;

  constructor(message: string, status = 500, code = 'INTERNAL_ERROR', options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.code = code;
    this.details = options.details;
  }
}

/** What an error may carry beside its message. */
export interface AppErrorOptions {
  /** Shown to the caller. */
  readonly details?: ErrorDetails;
  /** Kept for the log, never shown. */
  readonly cause?: unknown;
}

/** 400: what was sent does not fit. `details` lists field, message and code, never the value. */
export class ValidationError extends AppError {
  override readonly name = 'ValidationError';
  constructor(message = 'The request is not valid.', options: AppErrorOptions = {}) {
    super(message, 400, 'VALIDATION_ERROR', options);
  }
}

/** 401: nobody is signed in, or the proof is not accepted. */
export class AuthenticationError extends AppError {
  override readonly name = 'AuthenticationError';
  constructor(message = 'Sign in first.', options: AppErrorOptions = {}) {
    super(message, 401, 'AUTHENTICATION_ERROR', options);
  }
}

/** 403: known, but not allowed. */
export class AuthorizationError extends AppError {
  override readonly name = 'AuthorizationError';
  constructor(message = 'You are not allowed to do this.', options: AppErrorOptions = {}) {
    super(message, 403, 'AUTHORIZATION_ERROR', options);
  }
}

/** 404. */
export class NotFoundError extends AppError {
  override readonly name = 'NotFoundError';
  constructor(message = 'There is nothing here.', options: AppErrorOptions = {}) {
    super(message, 404, 'NOT_FOUND', options);
  }
}

/** 409: the state does not allow it. */
export class ConflictError extends AppError {
  override readonly name = 'ConflictError';
  constructor(message = 'This conflicts with the present state.', options: AppErrorOptions = {}) {
    super(message, 409, 'CONFLICT', options);
  }
}

/** 429: too many. */
export class RateLimitError extends AppError {
  override readonly name = 'RateLimitError';
  /** Whole seconds after which the same request would pass. */
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number, message = 'Too many requests.', options: AppErrorOptions = {}) {
    super(message, 429, 'RATE_LIMIT_EXCEEDED', options);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** A mistake in the configuration: refused when the application starts, never later. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
  readonly code = 'RAMPART_OPTIONS';
  /** Where in the configuration, such as `limits.api.max`. */
  readonly path: string;
  /** What is wrong there. */
  readonly reason: string;
  constructor(path: string, reason: string) {
    super(`${path}: ${reason} (see docs/errors.md#rampart_options)`);
    this.path = path;
    this.reason = reason;
  }
}

/** A breakdown of something Rampart stands on: a store, a file, a missing package. */
export class RampartError extends Error {
  override readonly name: string = 'RampartError';
  /** Stable code, listed in docs/errors.md. */
  readonly code: string;
  constructor(code: string, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
  }
}
