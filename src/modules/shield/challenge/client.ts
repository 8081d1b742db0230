import type { RequestContext } from '../../../core/context.ts';

const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/\b(?:Edg|EdgA|EdgiOS|Edge)\//, 'edge'],
  [/\b(?:OPR|Opera|OPiOS)\b/, 'opera'],
  [/\bSamsungBrowser\//, 'samsung'],
  [/\b(?:Firefox|FxiOS)\//, 'firefox'],
  [/\b(?:Chrome|CriOS|Chromium)\//, 'chrome'],
  [/\bSafari\//, 'safari'],
];

/**
 * Which browser it is, without its version, so that an update costs nobody a clearance. Programs are told apart by the
 * first word of their User-Agent.
 */
export function agentFamily(userAgent: string | undefined): string {
  const text = (userAgent ?? '').slice(0, 512);
  const known = FAMILIES.find(([pattern]) => pattern.test(text));
  return known?.[1] ?? `other ${/^[^\s/;(]{0,40}/.exec(text)?.[0] ?? ''}`;
}

/** Whom a challenge and a clearance are for: they are worth nothing to anybody else. */
export function clientOf(context: RequestContext): string {
  return `${context.client.group}\n${agentFamily(context.request.header('user-agent'))}`;
}

/** Whether the browser's own connection is encrypted: seen here, or vouched for by a trusted proxy. */
export function isEncrypted({ request, client }: RequestContext): boolean {
  return request.encrypted || (client.forwarded && request.header('x-forwarded-proto') === 'https');
}
