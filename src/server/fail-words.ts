import type { Logger } from '../base/observe/index.ts';
import type { Clock } from '../core/clock.ts';
import { AppError, RampartError } from '../core/errors.ts';
import { requestFields } from '../core/event-fields.ts';
import type { EventSink } from '../core/events.ts';
import type { Gate } from '../core/gate.ts';
import { newId } from '../core/id.ts';
import { refusalOf, renderRefusal } from '../core/reply.ts';
import type { Refusal, Reply } from '../core/verdict.ts';
import type { ReadConfig } from './config.ts';

/** What failures are told with. */
export interface FailParts {
  readonly errors: ReadConfig['errors'];
  readonly log: Logger;
  readonly events: EventSink;
  readonly clock: Clock;
  /** Answers for what never became a request. */
  readonly unread: (refusal: Refusal, peer: string) => Reply;
}

const AWAY_SECONDS = 5;

/** What a handler threw, in words for the caller; what nobody expected is logged and becomes an event. */
export function failWords({ errors, log, events, clock, unread }: FailParts): Gate['fail'] {
  return (error, context, peer) => {
    const errorId = newId('err', clock.now());
    const away = isAway(error);
    const { refusal, unknown } = refusalOf(away ? awayError(error) : error, errorId, errors.development);
    const route = context?.routeLabel ?? context?.plan.route.name ?? 'unknown';
    if (away) log.warn('A request needed the database, which does not answer.', { route });
    else if (unknown) {
      log.error('A handler failed.', { errorId, route, error, method: context?.request.method });
      events.emit('SYSTEM_ERROR', {
        ...(context === undefined ? { route } : requestFields(context)),
        details: { errorId, name: error instanceof Error ? error.name : typeof error },
      });
    } else if (peer !== undefined) return unread(refusal, peer);
    return renderRefusal(
      refusal,
      context?.decisionId ?? null,
      context?.request.header('accept'),
      errors.format,
    );
  };
}

function isAway(error: unknown): error is RampartError {
  return error instanceof RampartError && error.code === 'DATABASE_UNAVAILABLE';
}

/** A database that is away is no mistake of the handler: the caller may come again. */
function awayError(cause: RampartError): AppError {
  const error = new AppError('What this needs is not there just now. Try again shortly.', 503, cause.code, {
    cause,
  });
  return Object.assign(error, { retryAfterSeconds: AWAY_SECONDS });
}
