import { isDisposableEmailDomain } from 'disposable-email-domains-js';
import { domainToASCII } from 'node:url';
import { isDisposableDomain } from '../disposable.ts';
import { field, type FieldAnswer, NO_TEXT, type ReadyField, textOf, misfit } from './field.ts';

/** How mail addresses are read. */
export interface EmailOptions {
  /** Domains of throw-away addresses: `refuse` (default) or `allow`. */
  readonly disposable?: 'refuse' | 'allow';
  /** Says whether a domain is disposable, for a list of your own; default the feed of this process, else the list of the package. */
  readonly isDisposable?: (domain: string) => boolean;
  /**
   * Asks whether a domain takes mail: hand `(domain) => resolveMx(domain)` of node:dns/promises in. Absent: nobody is asked.
   */
  readonly resolveMx?: (domain: string) => Promise<readonly { readonly exchange: string }[]>;
  /** Where the resolver does not know, or fails to answer: `allow` (default) or `refuse`. */
  readonly onResolverDown?: 'allow' | 'refuse';
}

/** RFC 5321: 64 octets before the sign, 254 in all. */
const MAX_LENGTH = 254;
const MAX_LOCAL = 64;
const LOCAL = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** Answers of a resolver that say that there is nothing, rather than that it could not be asked. */
const NOTHING = new Set(['ENOTFOUND', 'ENODATA']);

const INVALID = misfit('EMAIL_INVALID', 'Must be a mail address.');
const DISPOSABLE = misfit('EMAIL_DISPOSABLE', 'Addresses of this provider are thrown away after use.');
const NO_MAIL = misfit('EMAIL_UNREACHABLE', 'The domain of this address takes no mail.');

/**
 * A mail address as people have them: no quoted local parts, no addresses of machines, domains in any script. Gives the
 * address with its domain in lower case and ASCII (`bücher.example` is `xn--bcher-kva.example`).
 */
export function email(options: EmailOptions = {}): ReadyField<string> {
  return field({ type: 'string', format: 'email' }, (given) => readEmail(given, options));
}

function readEmail(
  given: unknown,
  options: EmailOptions,
): FieldAnswer<string> | Promise<FieldAnswer<string>> {
  if (typeof given !== 'string') return NO_TEXT;
  const text = textOf(given, MAX_LENGTH);
  const at = text?.lastIndexOf('@') ?? -1;
  if (text === undefined || at < 1) return INVALID;
  const local = text.slice(0, at);
  const domain = domainOf(text.slice(at + 1));
  if (domain === undefined || Buffer.byteLength(local) > MAX_LOCAL || !LOCAL.test(local)) return INVALID;
  const value = `${local}@${domain}`;
  if (value.length > MAX_LENGTH) return INVALID;
  const isDisposable =
    options.isDisposable ?? ((domain) => isDisposableDomain(domain, isDisposableEmailDomain));
  if (options.disposable !== 'allow' && parentsOf(domain).some((one) => isDisposable(one))) return DISPOSABLE;
  return options.resolveMx === undefined ? { value } : reachable(value, domain, options);
}

/** A domain in ASCII; undefined for what is none, or has no dot. */
function domainOf(text: string): string | undefined {
  if (/[\s/?#:@%\\[\]]/.test(text)) return undefined;
  const ascii = domainToASCII(text).toLowerCase();
  const labels = ascii.split('.');
  if (labels.length < 2 || ascii.length > 253 || !labels.every((label) => LABEL.test(label)))
    return undefined;
  // The last label of a name is never a number: that is an address.
  return /^\d+$/.test(labels.at(-1) as string) ? undefined : ascii;
}

/** `a.b.example` is as disposable as `b.example`. */
function parentsOf(domain: string): readonly string[] {
  const labels = domain.split('.').slice(-6);
  return labels.slice(0, -1).map((_, i) => labels.slice(i).join('.'));
}

async function reachable(
  value: string,
  domain: string,
  { resolveMx, onResolverDown = 'allow' }: EmailOptions,
): Promise<FieldAnswer<string>> {
  try {
    const found = (await resolveMx?.(domain)) ?? [];
    // RFC 7505: a lone empty name says that no mail is taken.
    return found.some(({ exchange }) => exchange !== '' && exchange !== '.') ? { value } : NO_MAIL;
  } catch (error) {
    const { code } = (error ?? {}) as { readonly code?: unknown };
    if (typeof code === 'string' && NOTHING.has(code)) return NO_MAIL;
    return onResolverDown === 'allow' ? { value } : NO_MAIL;
  }
}
