import type { Logger } from '../base/observe/index.ts';
import type { Clock } from '../core/clock.ts';
import type { CorridorParts } from '../core/corridor.ts';
import { requestFields } from '../core/event-fields.ts';
import type { EventSink } from '../core/events.ts';
import type { ClientAddressValue } from '../core/fact.ts';
import type { Gate } from '../core/gate.ts';

/** What the notices stand on. */
export interface CorridorNoticePorts {
  readonly clock: Clock;
  readonly events: EventSink;
  readonly log: Logger;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const MAX_TOLD = 1_000;

/** Tells operators what the corridor meets beside its verdicts; what a caller can bring about again and again, in windows. */
export function corridorNotices({
  clock,
  events,
  log,
}: CorridorNoticePorts): Required<
  Pick<CorridorParts, 'onGuardFailure' | 'onHeldRoomFull' | 'onBodyTaken' | 'onUntrustedForward'>
> {
  const full = perWindow(clock, MINUTE_MS);
  const unseen = perWindow(clock, HOUR_MS);
  const seen = perWindow(clock, HOUR_MS);
  return {
    onGuardFailure(guard, error, context) {
      const route = context.plan.route.name;
      log.error('A guard broke down.', { guard, error, route });
      events.emit('GUARD_FAILED', { ...requestFields(context), subject: guard });
    },
    onHeldRoomFull(guard, context) {
      const before = full();
      if (before === undefined) return;
      const route = context.plan.route.name;
      log.warn('Bodies that wait for inspection fill shield.inspection.maxHeldBytes.', {
        guard,
        route,
        before,
      });
      events.emit('HELD_BODIES_FULL', { subject: guard, route, details: { before } });
    },
    onBodyTaken(isSeen, context) {
      const before = (isSeen ? seen : unseen)();
      if (before === undefined) return;
      const route = context.plan.route.name;
      log.warn(
        isSeen
          ? 'A body parser stands before the guard: bodies are inspected as it read them. Mount the guard first.'
          : 'Something reads bodies before the guard, which cannot be inspected then. Mount the guard first.',
        { route, before },
      );
      events.emit('BODY_READ_EARLY', { route, details: { inspected: isSeen, before } });
    },
    onUntrustedForward: oncePerHour(clock, (client) =>
      events.emit('UNTRUSTED_FORWARD', { address: client.address }),
    ),
  };
}

/** @returns (the function) how many were not told since the last that was; undefined where this one is not to be told */
function perWindow(clock: Clock, windowMs: number): () => number | undefined {
  let toldMs: number | undefined;
  let more = 0;
  return () => {
    const now = clock.now();
    if (toldMs !== undefined && now - toldMs < windowMs) {
      more++;
      return undefined;
    }
    const before = more;
    toldMs = now;
    more = 0;
    return before;
  };
}

/** One notice per address and hour; more addresses than the bound are not told. */
function oncePerHour(
  clock: Clock,
  tell: (client: ClientAddressValue) => void,
): (client: ClientAddressValue) => void {
  const told = new Map<string, number>();
  return (client) => {
    const now = clock.now();
    const last = told.get(client.group);
    if (last !== undefined && now - last < HOUR_MS) return;
    if (last === undefined && told.size >= MAX_TOLD) {
      const oldest = told.entries().next().value as [string, number];
      if (now - oldest[1] < HOUR_MS) return;
      told.delete(oldest[0]);
    }
    told.delete(client.group);
    told.set(client.group, now);
    tell(client);
  };
}

/** Says once for each server what it lacks, and how that is mended. */
export function serverNotice({
  events,
  log,
}: Omit<CorridorNoticePorts, 'clock'>): NonNullable<Gate['onServerFlaws']> {
  return ({ unbounded, unguardedUpgrades }) => {
    const remedy = 'Call guard.protect(server) once, with the server that listens.';
    if (unbounded) log.warn(`Nothing bounds what connections cost: one client can hold them all. ${remedy}`);
    if (unguardedUpgrades) log.warn(`Handshakes of WebSockets go past the guard. ${remedy}`);
    events.emit('SERVER_UNPROTECTED', { details: { unbounded, unguardedUpgrades } });
  };
}
