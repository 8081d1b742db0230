import { isSecretName, REDACTED } from '../../core/secret-names.ts';
import { maskPans } from '../secrets/index.ts';

export { isSecretName, REDACTED };

const MAX_DEPTH = 6;
const MAX_ITEMS = 100;
const MAX_TEXT = 4_000;

/**
 * A copy that may be logged: fields with the name of a secret are masked at every depth, bearer tokens and passwords in
 * URLs are masked within texts, and size is bounded. Errors keep name, message, code and stack.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  if (depth >= MAX_DEPTH) return '[deep]';
  if (value instanceof Error) return redactError(value, depth);
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => redact(item, depth + 1));
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  const copy: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value).slice(0, MAX_ITEMS)) {
    if (name === '__proto__') continue;
    copy[name] = isSecretName(name) ? REDACTED : redact(item, depth + 1);
  }
  return copy;
}

function redactError(error: Error, depth: number): unknown {
  const { code } = error as { code?: unknown };
  return {
    name: error.name,
    message: redactText(error.message),
    ...(code === undefined ? {} : { code: redact(code, depth + 1) }),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  };
}

/** Masks credentials and card numbers that stand inside a text. */
export function redactText(text: string): string {
  const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  return maskPans(cut)
    .replace(/\b(Bearer|Basic)\s{1,4}[A-Za-z0-9+/=._~-]{6,}/g, `$1 ${REDACTED}`)
    .replace(/(\/\/[^/\s:@]{1,200}:)[^/\s@]{1,200}@/g, `$1${REDACTED}@`)
    .replace(/([?&](?:[a-z_]*token|key|code|password|secret|signature)=)[^&\s]{1,2000}/gi, `$1${REDACTED}`);
}
