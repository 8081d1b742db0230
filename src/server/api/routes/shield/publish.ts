import { ConflictError } from '../../../../core/errors.ts';
import type { EventType } from '../../../../core/events.ts';
import type { SqlRunner } from '../../../../ports/sql.ts';
import { announceExclusions } from '../../announce.ts';
import { audited } from '../../audit.ts';
import { type Caller, nameOf } from '../../caller.ts';
import { freshActor } from '../../fresh-actor.ts';
import { type ApiContext, json, route, type Route } from '../../route.ts';
import type { ShieldExclusion } from '../../shield-types.ts';
import { tooBroad } from './breadth.ts';
import { byId, eventOf, notIn, type ShieldPorts, TAG } from './common.ts';
import { publication, shieldExclusion } from './schemas.ts';

/** A replay tells of the traffic as it was; older ones are made again. */
const REPLAY_LIFE_MS = 86_400_000;
const UNDO_MS = 3_600_000;

/** What changes the exclusions that act. */
export function publishRoutes(ports: ShieldPorts): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/admin/shield/exclusions/:id/publish',
      access: 'admin',
      tag: TAG,
      summary: 'Let a draft act',
      about:
        'On every node within a second. Asks for a fresh second factor, and for a replay of the draft as it stands, not older than a day.',
      params: byId,
      body: publication,
      answer: { status: 200, about: 'The exclusion.', schema: shieldExclusion },
      refusals: [404, 409],
      handle: ({ c, caller, params, body }) => publish(ports, c, caller, params.id, body.confirm),
    }),
    route({
      method: 'POST',
      path: '/admin/shield/exclusions/:id/withdraw',
      access: 'analyst',
      tag: TAG,
      summary: 'Withdraw a live exclusion',
      about: 'On every node within a second.',
      params: byId,
      answer: { status: 200, about: 'The exclusion.', schema: shieldExclusion },
      refusals: [404, 409],
      handle: ({ c, caller, params }) => withdraw(ports, c, caller, params.id),
    }),
    route({
      method: 'POST',
      path: '/admin/shield/exclusions/:id/restore',
      access: 'admin',
      tag: TAG,
      summary: 'Undo the withdrawal of an exclusion',
      about: 'Within an hour. Asks for a fresh second factor.',
      params: byId,
      answer: { status: 200, about: 'The exclusion.', schema: shieldExclusion },
      refusals: [404, 409],
      handle: ({ c, caller, params }) => restore(ports, c, caller, params.id),
    }),
  ];
}

async function publish(
  ports: ShieldPorts,
  c: ApiContext,
  caller: Caller,
  id: string,
  confirm: number | undefined,
): Promise<Response> {
  await freshActor(ports, c, caller);
  return goLive(ports, c, caller, id, {
    from: 'draft',
    otherwise: 'Only a draft can be published.',
    check({ replay: seen }) {
      if (seen === null) throw new ConflictError('Replay the draft first, to see what it would let through.');
      if (seen.atMs < ports.clock.now() - REPLAY_LIFE_MS)
        throw new ConflictError('The replay is older than a day. Replay the draft again.');
      if (confirm !== undefined && confirm !== seen.wouldPass)
        throw new ConflictError('The draft was replayed anew meanwhile. Look at what it lets through now.');
    },
    more: ({ replay: seen }) => ({ wouldPass: seen?.wouldPass ?? 0, suspicious: seen?.suspicious ?? 0 }),
  });
}

async function restore(ports: ShieldPorts, c: ApiContext, caller: Caller, id: string): Promise<Response> {
  await freshActor(ports, c, caller);
  return goLive(ports, c, caller, id, {
    from: 'withdrawn',
    otherwise: 'Only what was withdrawn can be restored.',
    check({ changedAtMs }) {
      if ((changedAtMs ?? 0) < ports.clock.now() - UNDO_MS)
        throw new ConflictError('It was withdrawn more than an hour ago. Draft it anew, and replay it.');
    },
    more: () => ({ restored: true }),
  });
}

interface GoingLive {
  readonly from: 'draft' | 'withdrawn';
  readonly otherwise: string;
  /** Throws ConflictError. */
  readonly check: (exclusion: ShieldExclusion) => void;
  readonly more: (exclusion: ShieldExclusion) => object;
}

async function goLive(
  ports: ShieldPorts,
  c: ApiContext,
  caller: Caller,
  id: string,
  { from, otherwise, check, more }: GoingLive,
): Promise<Response> {
  const { exclusions } = ports.stores;
  const live = await act(ports, c, caller, 'SHIELD_EXCLUSION_PUBLISHED', async (sql) => {
    await exclusions.hold(sql);
    const given = await exclusions.get(id, sql);
    if (given?.state !== from) return undefined;
    check(given);
    const refusal = tooBroad(given, await exclusions.live(sql));
    if (refusal !== null) throw new ConflictError(refusal);
    const value = await exclusions.move(sql, id, [from, 'live'], nameOf(caller), ports.clock.now());
    return value && { value, event: eventOf(value, more(given)) };
  });
  return live ? json(live) : notIn(ports, id, otherwise);
}

async function withdraw(ports: ShieldPorts, c: ApiContext, caller: Caller, id: string): Promise<Response> {
  const { exclusions } = ports.stores;
  const gone = await act(ports, c, caller, 'SHIELD_EXCLUSION_WITHDRAWN', async (sql) => {
    const nowMs = ports.clock.now();
    const value = await exclusions.move(sql, id, ['live', 'withdrawn'], nameOf(caller), nowMs);
    return value && { value, event: eventOf(value) };
  });
  return gone ? json(gone) : notIn(ports, id, 'Only what is live can be withdrawn.');
}

/** An act that changes what is live, told to all nodes. */
async function act(
  ports: ShieldPorts,
  c: ApiContext,
  caller: Caller,
  type: EventType,
  work: (
    sql: SqlRunner,
  ) => Promise<{ value: ShieldExclusion; event: ReturnType<typeof eventOf> } | undefined>,
): Promise<ShieldExclusion | undefined> {
  const done = await audited(ports, c, caller, type, work);
  if (done) await announceExclusions(ports);
  return done;
}
