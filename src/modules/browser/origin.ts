import { OptionsError } from '../../core/errors.ts';
import { custom, type Field } from '../../core/options.ts';

const MAX_ORIGIN = 300;

/**
 * Whether a text has the form of a serialised origin (RFC 6454 6.2): scheme, host, port, nothing else. `null` has not.
 * What passes holds no character that could end a header or a list.
 */
export function isOrigin(text: string): boolean {
  return (
    text.length <= MAX_ORIGIN && /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9_.:[\]-]+$/.test(text) && !text.endsWith('.')
  );
}

/** Whether plain http is harmless there: the caller's own machine. */
export function isLoopbackOrigin(origin: string): boolean {
  return /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(origin);
}

/**
 * An origin of the configuration, exactly as browsers send it: `https://app.example.com`, no path, no default port,
 * lower case. Regular expressions are refused: the one that forgets a dot or an anchor lets `good.com.evil` in.
 */
export const exactOrigin: Field<string> = custom('origin such as https://app.example.com', (value, path) => {
  if (value instanceof RegExp)
    throw new OptionsError(
      path,
      'a regular expression is refused here; write the exact origins, or https://*.example.com',
    );
  if (typeof value !== 'string')
    throw new OptionsError(path, 'expected an origin such as https://app.example.com');
  if (value === 'null')
    throw new OptionsError(
      path,
      "'null' is the origin of every sandboxed frame of every site; it cannot be trusted",
    );
  if (!isOrigin(value))
    throw new OptionsError(path, `'${value.slice(0, 60)}' is not an origin such as https://app.example.com`);
  const canonical = canonicalOrigin(value);
  if (canonical !== value)
    throw new OptionsError(path, canonical ? `browsers send it as '${canonical}'` : 'this is not an origin');
  return value;
});

/** `https://*.example.com`, or an exact origin. */
export const originPattern: Field<string> = custom(
  'origin, or https://*.example.com for one label in front',
  (value, path) => {
    if (typeof value === 'string' && value.includes('*')) {
      const match = /^(https?:\/\/)\*(\.[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?)$/.exec(value);
      if (!match)
        throw new OptionsError(path, "'*' may only stand for one whole first label: https://*.example.com");
      exactOrigin.parse(`${match[1]}x${match[2]}`, path);
      return value;
    }
    return exactOrigin.parse(value, path);
  },
);

function canonicalOrigin(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  // Custom schemes (`capacitor://localhost`) are opaque to URL and sent as they are.
  return url.origin === 'null' ? text : url.origin;
}

/** Answers whether an origin is listed, without regular expressions and without allocating. */
export class OriginSet {
  readonly #exact: ReadonlySet<string>;
  readonly #wild: readonly { readonly scheme: string; readonly rest: string }[];

  /** @param patterns what `originPattern` accepted */
  constructor(patterns: readonly string[]) {
    this.#exact = new Set(patterns.filter((one) => !one.includes('*')));
    this.#wild = patterns
      .filter((one) => one.includes('*'))
      .map((one) => ({ scheme: one.slice(0, one.indexOf('*')), rest: one.slice(one.indexOf('*') + 1) }));
  }

  /** How many patterns it holds. */
  get size(): number {
    return this.#exact.size + this.#wild.length;
  }

  /** @param origin as the browser sent it */
  has(origin: string): boolean {
    if (this.#exact.has(origin)) return true;
    for (const { scheme, rest } of this.#wild) {
      if (
        origin.startsWith(scheme) &&
        origin.endsWith(rest) &&
        isLabel(origin, scheme.length, origin.length - rest.length)
      )
        return true;
    }
    return false;
  }
}

/** One DNS label of letters, digits and inner hyphens. */
function isLabel(text: string, from: number, to: number): boolean {
  if (to - from < 1 || to - from > 63) return false;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    const plain = (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
    if (!plain && (code !== 45 || i === from || i === to - 1)) return false;
  }
  return true;
}
