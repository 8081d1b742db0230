import { AppError } from '../../../core/errors.ts';

/** Why an address was refused: for the log and the event, never for the caller, whom it would tell about the network. */
export type SsrfReason = 'url' | 'scheme' | 'userinfo' | 'port' | 'host' | 'name' | 'address' | 'downgrade';

/** 400: an address that leads, or could lead, into one's own network. */
export class SsrfError extends AppError {
  override readonly name = 'SsrfError';
  /** What was wrong with it. */
  readonly reason: SsrfReason;
  constructor(reason: SsrfReason, options: { readonly cause?: unknown } = {}) {
    super('This address cannot be used.', 400, 'SSRF_BLOCKED', options);
    this.reason = reason;
  }
}

/** What went wrong with a server that was allowed to be asked. */
export type UpstreamCode =
  'UPSTREAM_FAILED' | 'UPSTREAM_TIMEOUT' | 'UPSTREAM_TOO_LARGE' | 'UPSTREAM_REDIRECT' | 'UPSTREAM_BUSY';

const WORDS: Readonly<Record<UpstreamCode, { readonly status: number; readonly message: string }>> = {
  UPSTREAM_FAILED: { status: 502, message: 'The other server could not be asked.' },
  UPSTREAM_TIMEOUT: { status: 504, message: 'The other server took too long.' },
  UPSTREAM_TOO_LARGE: { status: 502, message: 'The other server sent more than is accepted.' },
  UPSTREAM_REDIRECT: { status: 502, message: 'The other server sent us elsewhere.' },
  UPSTREAM_BUSY: { status: 503, message: 'Too many other servers are being asked at once.' },
};

/** 502, 503 or 504: a server that was asked did not answer as it may. */
export class UpstreamError extends AppError {
  override readonly name = 'UpstreamError';
  /** Its status, where the head of an answer had come. */
  readonly upstreamStatus: number | undefined;
  constructor(
    code: UpstreamCode,
    options: { readonly cause?: unknown; readonly upstreamStatus?: number | undefined } = {},
  ) {
    super(WORDS[code].message, WORDS[code].status, code, { cause: options.cause });
    this.upstreamStatus = options.upstreamStatus;
  }
}
