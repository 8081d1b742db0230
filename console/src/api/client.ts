/** What went wrong with a call, in a form the pages can show. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Upper-case code of the envelope, `NETWORK` when no answer came. */
  readonly code: string;
  /** Decision id, when a guard refused the call. */
  readonly decision: string | null;
  /** What the envelope says beyond the message; its shape goes with the code. */
  readonly details: unknown;

  constructor(
    status: number,
    code: string,
    message: string,
    decision: string | null = null,
    details?: unknown,
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.decision = decision;
    this.details = details;
  }
}

/** Refusals of one act or of one proof: whoever gets them is still signed in. */
const STAYING = new Set(['FRESH_AUTH_REQUIRED', 'INVALID_CODE', 'INVALID_CREDENTIALS', 'CHALLENGE_INVALID']);

/** Whether an error means that the session is over. */
export function endsSession(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401 && !STAYING.has(error.code);
}

let csrfToken = '';
/** Remembers the token that every write must carry. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * Calls the API of the same origin.
 * @throws ApiError for every answer but a 2xx, and when no answer came
 */
export async function api<T>(path: string, { method = 'GET', body, signal }: Call = {}): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET') headers['x-rampart-csrf'] = csrfToken;
  const response = await send(path, {
    method,
    headers,
    credentials: 'same-origin',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (response.status === 204) return undefined as T;
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) throw refusalOf(response, answer);
  if (answer === null) {
    throw new ApiError(response.status, 'MALFORMED', 'The server answered something that is not JSON.');
  }
  return answer as T;
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'NETWORK', 'The server does not answer.');
  }
}

interface Envelope {
  readonly code?: string;
  readonly message?: string;
  readonly decision?: string;
  readonly details?: unknown;
}

function refusalOf(response: Response, answer: unknown): ApiError {
  const error = (answer as { error?: Envelope } | null)?.error;
  return new ApiError(
    response.status,
    error?.code ?? 'UNEXPECTED',
    error?.message ?? `The server answered ${response.status}.`,
    error?.decision ?? response.headers.get('x-rampart-decision'),
    error?.details,
  );
}
