import { AppError } from './errors.ts';
import type { Refusal, Reply } from './verdict.ts';

/** How errors look: the house's envelope, or RFC 9457. `auto` lets the caller's Accept header choose. */
export type ErrorFormat = 'auto' | 'envelope' | 'problem';

/**
 * Writes a refusal in the one envelope of the house, or as `application/problem+json` (RFC 9457) when that is asked for.
 * @param accept the request's Accept header
 */
export function renderRefusal(
  refusal: Refusal,
  decisionId: string | null,
  accept: string | undefined,
  format: ErrorFormat = 'auto',
): Reply {
  const problem = format === 'problem' || (format === 'auto' && wantsProblem(accept));
  const headers = [
    ...(refusal.headers ?? []),
    'content-type',
    problem ? 'application/problem+json' : 'application/json; charset=utf-8',
    'cache-control',
    'no-store',
  ];
  if (decisionId !== null) headers.push('x-rampart-decision', decisionId);
  return {
    status: refusal.status,
    headers,
    body: problem ? problemBody(refusal, decisionId) : envelopeBody(refusal, decisionId),
  };
}

function envelopeBody(refusal: Refusal, decisionId: string | null): string {
  return JSON.stringify({
    success: false,
    error: {
      code: refusal.code,
      message: refusal.message,
      ...(refusal.details === undefined ? {} : { details: refusal.details }),
      ...(decisionId === null ? {} : { decision: decisionId }),
    },
  });
}

function problemBody(refusal: Refusal, decisionId: string | null): string {
  return JSON.stringify({
    type: 'about:blank',
    title: refusal.message,
    status: refusal.status,
    code: refusal.code,
    ...(refusal.details === undefined ? {} : { details: refusal.details }),
    ...(decisionId === null ? {} : { decision: decisionId }),
  });
}

function wantsProblem(accept: string | undefined): boolean {
  return accept !== undefined && accept.includes('application/problem+json');
}

/** A thrown value as a refusal. `unknown` tells that it was none of ours and belongs into the log with its stack. */
export function refusalOf(
  error: unknown,
  errorId: string,
  development = false,
): { readonly refusal: Refusal; readonly unknown: boolean } {
  if (error instanceof AppError) {
    const retry = (error as { retryAfterSeconds?: unknown }).retryAfterSeconds;
    const refusal: Refusal = {
      status: error.status,
      code: error.code,
      message: error.message,
      ...(error.details === undefined ? {} : { details: error.details as Readonly<Record<string, unknown>> }),
      ...(typeof retry === 'number'
        ? { headers: ['retry-after', String(Math.max(0, Math.ceil(retry)))] }
        : {}),
    };
    return { refusal, unknown: error.status >= 500 };
  }
  const taken = uniqueViolation(error);
  if (taken) return { refusal: taken, unknown: false };
  const client = clientError(error);
  if (client) return { refusal: client, unknown: false };
  const details: Record<string, unknown> = { errorId };
  if (development && error instanceof Error) details['stack'] = error.stack;
  return {
    refusal: { status: 500, code: 'INTERNAL_ERROR', message: 'Something went wrong on our side.', details },
    unknown: true,
  };
}

/**
 * A unique key that was taken (SQLSTATE 23505) is a mistake of the caller: the field is named, the value never. A key
 * over several columns names them all; where the database does not tell, the field is empty.
 */
function uniqueViolation(error: unknown): Refusal | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, detail } = error as { code?: unknown; detail?: unknown };
  if (code !== '23505') return undefined;
  const columns = typeof detail === 'string' ? /^Key \(([^()]{1,200})\)=/.exec(detail)?.[1] : undefined;
  const fields = (columns ?? '').split(',').map((name) => name.trim().replaceAll('"', ''));
  return {
    status: 400,
    code: 'VALIDATION_ERROR',
    message: 'The request is not valid.',
    details: fields.map((field) => ({
      field,
      code: 'unique',
      message: 'This is taken already.',
    })) as unknown as Readonly<Record<string, unknown>>,
  };
}

const CLIENT_ERRORS: Readonly<Record<number, readonly [string, string]>> = {
  400: ['INVALID_REQUEST', 'The request could not be read.'],
  404: ['NOT_FOUND', 'There is nothing here.'],
  405: ['METHOD_NOT_ALLOWED', 'This method is not supported here.'],
  408: ['REQUEST_TIMEOUT', 'The request took too long to arrive.'],
  413: ['PAYLOAD_TOO_LARGE', 'The request is larger than is accepted here.'],
  415: ['UNSUPPORTED_MEDIA_TYPE', 'This content type is not accepted here.'],
  431: ['HEADERS_TOO_LARGE', 'The headers are larger than is accepted here.'],
};

/** Frameworks mark errors of the caller with a 4xx `status` or `statusCode`; their message may echo input, so ours stands. */
function clientError(error: unknown): Refusal | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { status, statusCode } = error as { status?: unknown; statusCode?: unknown };
  const given = typeof statusCode === 'number' ? statusCode : status;
  if (typeof given !== 'number' || given < 400 || given > 499) return undefined;
  const [code, message] = CLIENT_ERRORS[given] ?? ['INVALID_REQUEST', 'The request was not accepted.'];
  return { status: given, code, message };
}
