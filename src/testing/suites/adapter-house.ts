import { systemClock } from '../../core/clock.ts';
import type { RequestContext } from '../../core/context.ts';
import { type Corridor, createCorridor, type RouteRule } from '../../core/corridor.ts';
import { CspNonce } from '../../core/fact.ts';
import type { Gate } from '../../core/gate.ts';
import type { Guard } from '../../core/guard.ts';
import { newId, newNonce } from '../../core/id.ts';
import { addressReader } from '../../core/proxy.ts';
import { refusalOf, renderRefusal } from '../../core/reply.ts';
import { answer, challenge, deny, PASS, type Verdict } from '../../core/verdict.ts';

/** One end of a request, as the adapter told it. */
export interface Left {
  readonly context: RequestContext;
  readonly status: number;
  readonly bytes: number;
  readonly aborted: boolean;
}

/** A gate with small guards that do what the request's `x-test` header says, and that takes everything down. */
export interface TestHouse {
  readonly gate: Gate;
  readonly entered: RequestContext[];
  readonly left: Left[];
  /** What `gate.fail` was told, with the error id that was given. */
  readonly failures: { readonly error: unknown; readonly id: string }[];
  /** Leases that are held just now. */
  leases(): number;
  /** Resolves once so many requests have entered. */
  whenEntered(count: number): Promise<void>;
  /** Resolves once so many requests have been left. */
  whenLeft(count: number): Promise<void>;
  /** Resolves once so many guards `wait`. */
  whenWaiting(count: number): Promise<void>;
  /** Lets guards go on that were told to `wait`. */
  goOn(): void;
}

const REASON = { code: 'test.refused', text: 'The test wants it.' };
const LIMITED = deny(
  {
    status: 429,
    code: 'RATE_LIMIT_EXCEEDED',
    message: 'Too many requests.',
    headers: ['retry-after', '40', 'x-ratelimit-remaining', '0'],
  },
  REASON,
);
const CROSS_SITE = deny(
  { status: 403, code: 'CSRF_REFUSED', message: 'The request came from another site.' },
  REASON,
);
const PROOF = challenge({ status: 403, code: 'CHALLENGE', message: 'Show your work.' }, REASON, {
  status: 403,
  headers: ['content-type', 'text/html; charset=utf-8', 'x-frame-options', 'SAMEORIGIN'],
  body: new TextEncoder().encode('<p>ü</p>'),
});
const PREFLIGHT = answer(
  {
    status: 204,
    headers: ['access-control-allow-origin', 'https://app.example', 'vary', 'origin'],
    body: null,
  },
  REASON,
);

/** Builds a corridor of test guards; `extra` stand after them, and `rules` are theirs. */
export function testHouse(
  extra: readonly Guard[] = [],
  rules: readonly RouteRule[] = [],
  maxHeldBytes?: number,
): TestHouse {
  const entered: RequestContext[] = [];
  const left: Left[] = [];
  const failures: { error: unknown; id: string }[] = [];
  const waiters: { ready: () => boolean; go: () => void }[] = [];
  const waiting: (() => void)[] = [];
  let held = 0;
  const told = (): void => {
    for (const waiter of waiters.filter((one) => one.ready())) {
      waiters.splice(waiters.indexOf(waiter), 1);
      waiter.go();
    }
  };
  const when = (ready: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      waiters.push({ ready, go: resolve });
      told();
    });
  const hold = (go: () => void): void => {
    waiting.push(go);
    told();
  };
  const corridor = corridorOf(
    [headersGuard(), leaseGuard((by) => (held += by)), ...verdictGuards(hold), ...extra],
    rules,
    maxHeldBytes,
  );
  const noted = (context: RequestContext): RequestContext => {
    entered.push(context);
    told();
    return context;
  };
  return {
    entered,
    left,
    failures,
    leases: () => held,
    whenEntered: (count) => when(() => entered.length >= count),
    whenLeft: (count) => when(() => left.length >= count),
    whenWaiting: (count) => when(() => waiting.length >= count),
    goOn: () => waiting.splice(0).forEach((go) => go()),
    gate: {
      enter(request) {
        const context = corridor.enter(request);
        return context instanceof Promise ? context.then(noted) : noted(context);
      },
      openBody: (context) => corridor.openBody(context),
      leave(context, status, bytes, aborted) {
        corridor.leave(context, status, bytes, aborted);
        left.push({ context, status, bytes, aborted });
        told();
      },
      fail(error, context) {
        const id = newId('err', Date.now());
        failures.push({ error, id });
        const { refusal } = refusalOf(error, id);
        return renderRefusal(refusal, context?.decisionId ?? null, context?.request.header('accept'));
      },
    },
  };
}

function corridorOf(guards: readonly Guard[], rules: readonly RouteRule[], maxHeldBytes?: number): Corridor {
  const readClient = addressReader({ trustProxy: false });
  const room = maxHeldBytes === undefined ? {} : { maxHeldBytes };
  return createCorridor({ guards, rules, clock: systemClock, readClient, ...room });
}

function headersGuard(): Guard {
  return {
    name: 'headers',
    phase: 'admit',
    mode: 'enforce',
    onError: 'deny',
    check(context) {
      const nonce = newNonce();
      context.set(CspNonce, nonce);
      context.header('content-security-policy', `script-src 'nonce-${nonce}'`);
      context.header('set-cookie', 'house=1; Path=/');
      return PASS;
    },
    staticHeaders: () => [
      'x-content-type-options',
      'nosniff',
      'x-frame-options',
      'DENY',
      'vary',
      'origin',
      'content-security-policy',
      "default-src 'none'",
    ],
    removesHeaders: () => ['x-powered-by'],
  };
}

function leaseGuard(count: (by: 1 | -1) => void): Guard {
  return {
    name: 'lease',
    phase: 'admit',
    mode: 'enforce',
    onError: 'deny',
    check(context) {
      count(1);
      context.hold(() => count(-1));
      return PASS;
    },
  };
}

function verdictGuards(hold: (go: () => void) => void): Guard[] {
  const byWord = (
    name: string,
    fields: Partial<Guard>,
    words: Readonly<Record<string, Answerer>>,
  ): Guard => ({
    name,
    phase: 'screen',
    mode: 'enforce',
    onError: 'deny',
    ...fields,
    check(context) {
      if (context.request.method === 'OPTIONS' && context.request.header('access-control-request-method')) {
        return PREFLIGHT;
      }
      return words[context.request.header('x-test') ?? '']?.() ?? PASS;
    },
  });
  const crash = (): never => {
    throw new Error('guard broke');
  };
  return [
    byWord(
      'verdicts',
      {},
      {
        limit: () => LIMITED,
        csrf: () => CROSS_SITE,
        challenge: () => PROOF,
        'limit-later': () => Promise.resolve(LIMITED),
        'pass-later': () => Promise.resolve(PASS),
        wait: () => new Promise((resolve) => hold(() => resolve(PASS))),
        crash,
        'reject-later': () => Promise.reject(new Error('guard broke')),
      },
    ),
    byWord('shadow', { mode: 'shadow' }, { shadow: () => LIMITED }),
    byWord('lenient', { onError: 'allow' }, { 'crash-lenient': crash }),
  ];
}
type Answerer = () => Verdict | Promise<Verdict>;
