import type { RequestContext } from '../../../core/context.ts';
import type { RequestView } from '../../../core/request.ts';
import { challenge, type Challenge, type Reply } from '../../../core/verdict.ts';
import { type PageParts, renderPage } from './page.ts';
import { CHALLENGE_PATH } from './paths.ts';
import type { Issued } from './token.ts';
import { wordsFor } from './words.ts';

/** Nothing from anywhere else, nothing inline, in nobody's frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What a program is told: everything that it needs to solve the challenge by itself. */
export interface ChallengeInstruction {
  /** SHA-256 of `SEED:INDEX:COUNTER` begins with `bits` zero bits, for each index below `puzzles`. */
  readonly type: 'sha256-zeros';
  readonly seed: string;
  readonly bits: number;
  readonly puzzles: number;
  /** To be sent with the proof, as `x-rampart-challenge`. */
  readonly token: string;
  /** Where to POST; the counters, joined by dots, as `x-rampart-proof`. */
  readonly submit: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A challenge as an instruction. */
export function instructionOf(issued: Issued): ChallengeInstruction {
  const { seed, bits, puzzles, token, expiresAtMs } = issued;
  return {
    type: 'sha256-zeros',
    seed,
    bits,
    puzzles,
    token,
    submit: CHALLENGE_PATH,
    expiresAt: Math.floor(expiresAtMs),
  };
}

/** Whether a person looks at the answer: a browser that opens a page, and no script that fetches. */
export function wantsPage(request: RequestView): boolean {
  const mode = request.header('sec-fetch-mode');
  if (mode !== undefined && mode !== 'navigate') return false;
  return (request.header('accept') ?? '').includes('text/html');
}

/** Gives a challenge its page, or its instruction within the envelope. */
export function present(context: RequestContext, verdict: Challenge, issued: Issued): Challenge {
  const { refusal, reason } = verdict;
  if (verdict.reply !== undefined) return verdict;
  const { method } = context.request;
  if (wantsPage(context.request)) {
    const after = method === 'GET' || method === 'HEAD' ? 'reload' : 'back';
    const head = { status: refusal.status, headers: refusal.headers ?? [] };
    return challenge(refusal, reason, pageReply(context, head, issued, after));
  }
  const details = { ...refusal.details, challenge: instructionOf(issued) };
  return challenge({ ...refusal, details }, reason);
}

/** The page as a reply. */
export function pageReply(
  context: RequestContext,
  head: { readonly status: number; readonly headers: readonly string[] },
  issued: Issued,
  after: PageParts['after'],
): Reply {
  const words = wordsFor(context.request.header('accept-language'));
  const own = ['content-type', 'text/html; charset=utf-8', 'content-language', words.lang];
  const reference = context.decisionId;
  if (reference !== null) own.push('x-rampart-decision', reference);
  return {
    status: head.status,
    headers: [
      ...head.headers,
      ...own,
      'cache-control',
      'no-store',
      'vary',
      'accept, accept-language, sec-fetch-mode',
      'content-security-policy',
      POLICY,
      'referrer-policy',
      'same-origin',
      'x-robots-tag',
      'noindex',
    ],
    body: renderPage({ words, issued, after, reference }),
  };
}
