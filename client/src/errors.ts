import type { AuthFactor, ErrorAnswer } from './types.ts';

/** What a call ended with when it did not end well. */
export interface Failure {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Upper-case code of the server, or `NETWORK`, `TIMEOUT`, `ABORTED`, `MALFORMED`, `UNEXPECTED`. */
  readonly code: string;
  /** One sentence, in English. */
  readonly message: string;
  /** What the server added; for VALIDATION_ERROR a list of `FieldFault`. */
  readonly details?: unknown;
  /** Whole seconds after which the same call may pass; null where the server named none. */
  readonly retryAfterSeconds?: number | null;
  /** The error underneath. */
  readonly cause?: unknown;
}

/** One field that does not fit. */
export interface FieldFault {
  /** Name of the field, such as `password`. */
  readonly field: string;
  /** Such as PASSWORD_TOO_SHORT. */
  readonly code: string;
  /** One sentence, in English. */
  readonly message: string;
}

/** Every call of the client that fails throws this. It holds no secret that was sent. */
export class RampartClientError extends Error {
  override readonly name = 'RampartClientError';
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Upper-case code: the server's, or NETWORK, TIMEOUT, ABORTED, MALFORMED, UNEXPECTED. */
  readonly code: string;
  /** What the server added. */
  readonly details: unknown;
  /** Whole seconds to wait; null where the server named none. */
  readonly retryAfterSeconds: number | null;

  constructor({ status, code, message, details, retryAfterSeconds = null, cause }: Failure) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.code = code;
    this.details = details;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** The fields that do not fit; none where the error is another one. */
  get faults(): readonly FieldFault[] {
    return Array.isArray(this.details) ? this.details.filter(isFault) : [];
  }
}

function isFault(one: unknown): one is FieldFault {
  if (typeof one !== 'object' || one === null) return false;
  const { field, code, message } = one as Record<keyof FieldFault, unknown>;
  return typeof field === 'string' && typeof code === 'string' && typeof message === 'string';
}

/** What 401 FRESH_AUTH_REQUIRED asks for. */
export interface StepUpNeed {
  /** With what a factor can be proven again, strongest first. */
  readonly factors: readonly AuthFactor[];
  /** How long the proof then lasts. */
  readonly withinSeconds: number;
}

/** Reads what a refusal for want of a fresh factor asks for. */
export function stepUpNeed({ details }: RampartClientError): StepUpNeed {
  const { factors, withinSeconds } = (details ?? {}) as Partial<StepUpNeed>;
  return {
    factors: Array.isArray(factors) ? factors : [],
    withinSeconds: typeof withinSeconds === 'number' ? withinSeconds : 0,
  };
}

/** Seconds of a `retry-after` header (RFC 9110, 10.2.3), which names seconds or a date. */
export function retryAfterOf(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header);
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? null : Math.max(0, Math.ceil((atMs - nowMs) / 1000));
}

/** Reads a refusal of the server; answers of proxies, which know no envelope, become UNEXPECTED. */
export async function refusalOf(response: Response, nowMs: number): Promise<RampartClientError> {
  const answer = (await response.json().catch(() => null)) as Partial<ErrorAnswer> | null;
  const error = answer?.error;
  const isEnvelope = typeof error?.code === 'string' && typeof error.message === 'string';
  return new RampartClientError({
    status: response.status,
    code: isEnvelope ? error.code : 'UNEXPECTED',
    message: isEnvelope ? error.message : `The server answered ${response.status}.`,
    details: error?.details,
    retryAfterSeconds: retryAfterOf(response.headers.get('retry-after'), nowMs),
  });
}
