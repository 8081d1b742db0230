import { OptionsError } from '../../core/errors.ts';

/** Directives that take sources (CSP Level 3). */
export const SOURCE_DIRECTIVES = [
  'default-src',
  'script-src',
  'script-src-elem',
  'script-src-attr',
  'style-src',
  'style-src-elem',
  'style-src-attr',
  'img-src',
  'font-src',
  'connect-src',
  'media-src',
  'object-src',
  'frame-src',
  'child-src',
  'worker-src',
  'manifest-src',
  'base-uri',
  'form-action',
  'frame-ancestors',
] as const;
/** Name of a directive that takes sources. */
export type CspDirective = (typeof SOURCE_DIRECTIVES)[number];

type Host = `${string}.${string}` | 'localhost' | `localhost:${number}`;
type Hash = `'sha256-${string}'` | `'sha384-${string}'` | `'sha512-${string}'`;

/**
 * A source expression. `'nonce'` stands for the nonce of each response. The last group is refused unless the risk is
 * named in `acceptedRisks`.
 */
export type CspSource =
  | "'self'"
  | "'none'"
  | "'nonce'"
  | "'strict-dynamic'"
  | "'report-sample'"
  | "'wasm-unsafe-eval'"
  | Hash
  | Host
  | `https://${Host}`
  | `wss://${Host}`
  | `http://${Host}`
  | `ws://${Host}`
  | 'data:'
  | 'blob:'
  | 'mediastream:'
  | ("'unsafe-inline'" | "'unsafe-eval'" | "'unsafe-hashes'" | '*' | 'https:' | 'http:' | 'wss:' | 'ws:');

/** What a policy gives up when it accepts a source: written out, so that it is seen in review. */
export const CSP_RISKS = [
  'unsafe-inline',
  'unsafe-eval',
  'unsafe-hashes',
  'wildcard',
  'insecure-scheme',
  'data-script',
] as const;
export type CspRisk = (typeof CSP_RISKS)[number];

/** Sources per directive. */
export type CspDirectives = Partial<Record<CspDirective, readonly CspSource[] | false>>;

/** What a policy is built from. */
export interface CspParts {
  /** Replaces the defaults directive by directive; `false` leaves one out. */
  readonly directives: CspDirectives;
  readonly acceptedRisks: readonly CspRisk[];
  /** A fresh nonce in each response. */
  readonly nonce: boolean;
  readonly upgradeInsecureRequests: boolean;
  /** Path or URL that takes reports. */
  readonly reportPath: string | undefined;
  /** Report-only policies leave out what browsers ignore there. */
  readonly reportOnly: boolean;
  readonly frameAncestors: "'none'" | "'self'" | undefined;
}

/** Directives that every policy starts from. */
export function defaultDirectives(nonce: boolean): CspDirectives {
  return {
    'default-src': ["'self'"],
    'script-src': nonce ? ["'nonce'", "'strict-dynamic'"] : ["'self'"],
    'script-src-attr': ["'none'"],
    'style-src': nonce ? ["'self'", "'nonce'"] : ["'self'"],
    'img-src': ["'self'", 'data:'],
    'object-src': ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
  };
}

/** The name of the reporting group in `report-to` and `Reporting-Endpoints`. */
export const REPORT_GROUP = 'csp';

/** A policy of which only the nonce is missing. */
export interface CompiledCsp {
  /** Text before, between and after the nonces; one element when there is none. */
  readonly segments: readonly string[];
  /** The policy for a response without a nonce: nothing that needs one runs. */
  readonly withoutNonce: string;
}

/**
 * Builds a policy.
 * @param path for errors
 * @throws OptionsError on an unknown directive, a source that is none, or a risk that was not accepted
 */
export function compileCsp(path: string, parts: CspParts): CompiledCsp {
  const defaults = {
    ...defaultDirectives(parts.nonce),
    ...(parts.frameAncestors && { 'frame-ancestors': [parts.frameAncestors] }),
  };
  const merged: Record<string, unknown> = { ...defaults, ...parts.directives };
  const lines: string[] = [];
  for (const [name, sources] of Object.entries(merged)) {
    const at = `${path}.directives.${name}`;
    if (!(SOURCE_DIRECTIVES as readonly string[]).includes(name))
      throw new OptionsError(at, 'unknown directive');
    if (sources === false && (name === 'object-src' || name === 'base-uri'))
      throw new OptionsError(
        at,
        'may be replaced, but not left out: without it a policy can be walked around',
      );
    if (sources === false || sources === undefined || (parts.reportOnly && name === 'frame-ancestors'))
      continue;
    checkSources(at, name as CspDirective, sources, parts);
    lines.push(`${name} ${sources.map((one) => (one === "'nonce'" ? NONCE_MARK : one)).join(' ')}`);
  }
  if (parts.upgradeInsecureRequests && !parts.reportOnly) lines.push('upgrade-insecure-requests');
  if (parts.reportPath !== undefined)
    lines.push(`report-uri ${parts.reportPath}`, `report-to ${REPORT_GROUP}`);
  const segments = lines
    .join('; ')
    .split(NONCE_MARK)
    .map((text, i) => (i === 0 ? text : `'${text}`));
  return {
    segments: segments.map((text, i) => (i === segments.length - 1 ? text : `${text}'nonce-`)),
    withoutNonce: lines.map(stripNonce).join('; '),
  };
}

/** Cannot stand in a source: spaces and control characters are refused. */
const NONCE_MARK = '\u0001';

/** Without its nonce a list may be left empty, which allows nothing: `'none'` says so. */
function stripNonce(line: string): string {
  if (!line.includes(NONCE_MARK)) return line;
  const [name, ...sources] = line.split(' ');
  const rest = sources.filter((one) => one !== NONCE_MARK && one !== "'strict-dynamic'");
  return `${name} ${rest.length === 0 ? "'none'" : rest.join(' ')}`;
}

/** Writes the policy with a nonce. */
export function cspWithNonce(compiled: CompiledCsp, nonce: string): string {
  const { segments } = compiled;
  let text = segments[0] as string;
  for (let i = 1; i < segments.length; i++) text += nonce + (segments[i] as string);
  return text;
}

function checkSources(
  path: string,
  directive: CspDirective,
  sources: unknown,
  parts: CspParts,
): asserts sources is readonly CspSource[] {
  if (!Array.isArray(sources) || sources.length === 0 || sources.length > 100)
    throw new OptionsError(path, "expected a list of 1 to 100 sources; ['\\'none\\''] allows nothing");
  sources.forEach((source: unknown, i) => {
    const at = `${path}[${i}]`;
    if (typeof source !== 'string' || source.length > 300)
      throw new OptionsError(at, 'expected a source of at most 300 characters');
    if (source === "'none'" && sources.length > 1) throw new OptionsError(at, "'none' stands alone");
    if (source === "'nonce'" && !parts.nonce) throw new OptionsError(at, 'nonces are switched off');
    if (KEYWORDS.test(source)) throw new OptionsError(at, `a keyword stands in quotes: "'${source}'"`);
    if (!SOURCE_FORM.test(source))
      throw new OptionsError(
        at,
        "is not a source expression such as 'self', https://cdn.example.com or 'sha256-…'",
      );
    const risk = riskOf(directive, source);
    if (risk !== undefined && !parts.acceptedRisks.includes(risk))
      throw new OptionsError(at, `${source} is refused unless acceptedRisks names '${risk}'`);
  });
}

/** Without quotes a browser takes them for hosts. */
const KEYWORDS =
  /^(?:self|none|nonce|strict-dynamic|report-sample|wasm-unsafe-eval|unsafe-inline|unsafe-eval|unsafe-hashes)$/;

/** Keywords, hashes, schemes, hosts; no character that could end the source, the directive or the header. */
const SOURCE_FORM =
  /^(?:'(?:self|none|nonce|strict-dynamic|report-sample|wasm-unsafe-eval|unsafe-inline|unsafe-eval|unsafe-hashes)'|'sha(?:256|384|512)-[A-Za-z0-9+/_-]{43,88}={0,2}'|(?:https?|wss?|data|blob|mediastream|filesystem):|\*|(?:(?:https?|wss?):\/\/)?(?:\*\.)?[A-Za-z0-9_.-]{1,253}(?::(?:\d{1,5}|\*))?(?:\/[A-Za-z0-9._~%/-]*)?|(?:https?|wss?):\/\/\*)$/;

const EXECUTES: ReadonlySet<CspDirective> = new Set([
  'default-src',
  'script-src',
  'script-src-elem',
  'script-src-attr',
  'object-src',
  'worker-src',
  'child-src',
  'base-uri',
]);

/** What accepting a source in a directive gives up. */
function riskOf(directive: CspDirective, source: string): CspRisk | undefined {
  if (source === "'unsafe-inline'") return 'unsafe-inline';
  if (source === "'unsafe-eval'") return 'unsafe-eval';
  if (source === "'unsafe-hashes'") return 'unsafe-hashes';
  if (source.startsWith('http:') || source.startsWith('ws:')) return 'insecure-scheme';
  if (
    /^(?:\*|https:|wss:|(?:https?|wss?):\/\/\*)$/.test(source) ||
    /^(?:[a-z]+:\/\/)?\*\.[^.]+$/.test(source)
  )
    return 'wildcard';
  if (!EXECUTES.has(directive)) return undefined;
  if (source.includes('*')) return 'wildcard';
  return source === 'data:' || source === 'blob:' || source === 'filesystem:' ? 'data-script' : undefined;
}
