import type { RequestContext } from '../../../core/context.ts';
import { requestFields } from '../../../core/event-fields.ts';
import type { EventSink } from '../../../core/events.ts';
import { Clearance } from '../../../core/fact.ts';
import { answer, deny, type Answer, type Deny, type Reply } from '../../../core/verdict.ts';
import { clientOf, isEncrypted } from './client.ts';
import { setCookie } from './cookie.ts';
import { type Asset, CHALLENGE_PATH } from './paths.ts';
import { instructionOf, pageReply, wantsPage } from './present.ts';
import { isProof } from './proof.ts';
import { returnPath } from './return-path.ts';
import type { Throttle } from '../throttle.ts';
import type { Spent } from './spent.ts';
import type { Issued, Tokens } from './token.ts';

/** How often challenges were given in place of an answer, solved, and handed in wrongly. */
export interface ChallengeCounts {
  readonly asked: number;
  readonly solved: number;
  readonly failed: number;
}

/** What the challenge's own paths stand on. */
export interface OwnPaths {
  readonly assets: ReadonlyMap<string, Asset>;
  readonly tokens: Tokens;
  readonly spent: Spent;
  readonly events: EventSink;
  /** One failure is told per client and minute. */
  readonly told: Throttle;
  readonly counts: { -readonly [K in keyof ChallengeCounts]: number };
  readonly issue: (context: RequestContext) => Issued;
  readonly clearForMs: number;
}

const OWN = { code: 'challenge.own', text: 'The request is for the challenge itself.' };

/** Answers a request for the challenge, its files, its proof or its state; `undefined` for any other path. */
export function answerOwn(context: RequestContext, own: OwnPaths): Answer | Deny | undefined {
  const { path } = context;
  const { method } = context.request;
  const reads = method === 'GET' || method === 'HEAD';
  const asset = own.assets.get(path);
  if (asset !== undefined && reads) return answer(assetReply(asset), OWN);
  if (path === `${CHALLENGE_PATH}/status` && reads)
    return answer(json({ cleared: context.get(Clearance) !== undefined }), OWN);
  if (path !== CHALLENGE_PATH) return undefined;
  if (method === 'POST') return handIn(context, own);
  return reads ? answer(firstPage(context, own), OWN) : undefined;
}

function firstPage(context: RequestContext, own: OwnPaths): Reply {
  const issued = own.issue(context);
  if (!wantsPage(context.request)) return json({ challenge: instructionOf(issued) });
  const { target } = context.request;
  const query = target.indexOf('?');
  const wished = query < 0 ? null : new URLSearchParams(target.slice(query, query + 4_000)).get('next');
  const next = returnPath(wished) as `/${string}`;
  return pageReply(
    context,
    { status: 200, headers: [] },
    issued,
    next.startsWith(CHALLENGE_PATH) ? '/' : next,
  );
}

function handIn(context: RequestContext, own: OwnPaths): Answer | Deny {
  const { request, nowMs } = context;
  const client = clientOf(context);
  const read = own.tokens.read(request.header('x-rampart-challenge') ?? '', client);
  if (!read.ok) return failed(context, own, read.why);
  if (!isProof(read.puzzle, request.header('x-rampart-proof') ?? '')) return failed(context, own, 'unsolved');
  // Last, so that a wrong proof uses nothing up.
  if (!own.spent.take(read.puzzle.seed, read.expiresAtMs, nowMs)) return failed(context, own, 'used');
  own.counts.solved++;
  const clearance = own.tokens.clear(client);
  own.events.emit('CHALLENGE_SOLVED', {
    ...requestFields(context),
    outcome: 'success',
    details: { bits: read.puzzle.bits, puzzles: read.puzzle.puzzles },
  });
  const reply = json({ clearance, seconds: Math.floor(own.clearForMs / 1000) });
  const cookie = setCookie(clearance, isEncrypted(context), own.clearForMs);
  return answer({ ...reply, headers: [...reply.headers, 'set-cookie', cookie] }, OWN);
}

type Failure = 'expired' | 'forged' | 'unsolved' | 'used';

const WHY: Readonly<Record<Failure, string>> = {
  expired: 'The challenge has run out.',
  forged: 'The challenge was not given to this client, or is none of ours.',
  unsolved: 'The proof does not fit the challenge.',
  used: 'The challenge was solved before.',
};

function failed(context: RequestContext, own: OwnPaths, why: Failure): Deny {
  own.counts.failed++;
  // Running out is nobody's attack.
  if (why !== 'expired' && own.told.take(context.client.group, context.nowMs) === 0)
    own.events.emit('CHALLENGE_FAILED', {
      ...requestFields(context),
      outcome: 'refused',
      details: { why },
    });
  return deny(
    {
      status: 403,
      code: 'CHALLENGE_FAILED',
      message: 'The proof was not accepted. Ask for a new challenge.',
      details: { why, challenge: instructionOf(own.issue(context)) },
    },
    {
      code: `challenge.${why}`,
      text: WHY[why],
      remedy: { do: 'change', what: 'Ask for a new challenge and solve that.' },
    },
  );
}

function json(data: Readonly<Record<string, unknown>>): Reply {
  return {
    status: 200,
    headers: ['content-type', 'application/json; charset=utf-8', 'cache-control', 'no-store'],
    body: JSON.stringify({ success: true, data }),
  };
}

function assetReply({ type, text }: Asset): Reply {
  return {
    status: 200,
    // The worker's script needs the embedder policy of the page that starts it.
    headers: [
      'content-type',
      type,
      'cache-control',
      'public, max-age=3600',
      'x-content-type-options',
      'nosniff',
      'cross-origin-resource-policy',
      'same-origin',
      'cross-origin-embedder-policy',
      'require-corp',
    ],
    body: text,
  };
}
