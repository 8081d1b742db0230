import { z } from 'zod';
import { ConflictError } from '../../../core/errors.ts';
import { typesNamed } from '../../../core/event-aliases.ts';
import { EVENTS } from '../../../core/events.ts';
import { type By, readHolds } from '../../../modules/audit/index.ts';
import type { OpenedAudit } from '../../audit/open.ts';
import { addressOf, type Caller, nameOf } from '../caller.ts';
import type { HoldEntry, HoldsAnswer } from '../audit-types.ts';
import type { ApiPorts } from '../ports.ts';
import { type ApiContext, json, route, type Route } from '../route.ts';
import { idOf } from '../schemas.ts';
import { demandFresh } from './keys.ts';

const moment = z.int().min(0).max(8.64e15);
const text = z.string().nullable();
const holdSchema = z.object({
  id: z.string(),
  holder: text,
  type: text,
  fromMs: z.int().nullable(),
  toMs: z.int().nullable(),
  reason: z.string(),
  placedBy: z.string(),
  placedAtMs: z.int(),
  liftedBy: text,
  liftedAtMs: z.int().nullable(),
}) satisfies z.ZodType<HoldEntry>;
const holdsAnswer = z.object({ holds: z.array(holdSchema) }) satisfies z.ZodType<HoldsAnswer>;

const newHold = z
  .strictObject({
    holder: z
      .string()
      .trim()
      .min(1)
      .max(300)
      .optional()
      .meta({ description: 'Who did it, or what or whom it is about, as events name them.' }),
    type: z.string().trim().min(1).max(100).optional(),
    fromMs: moment.optional(),
    toMs: moment.optional(),
    reason: z.string().trim().min(3).max(500),
  })
  .refine(({ holder, type, fromMs, toMs }) => [holder, type, fromMs, toMs].some((one) => one !== undefined), {
    path: ['holder'],
    message: 'Name who, which type, or which time: a hold on everything is none.',
  })
  .refine(({ fromMs, toMs }) => fromMs === undefined || toMs === undefined || fromMs < toMs, {
    path: ['toMs'],
    message: 'Must be after fromMs.',
  });

/** Legal holds; none where no log is kept. */
export function holdRoutes(ports: ApiPorts): readonly Route[] {
  const { audit } = ports;
  if (audit === undefined) return [];
  return [listRoute(ports), placeRoute(ports, audit), liftRoute(ports, audit)];
}

function listRoute(ports: ApiPorts): Route {
  return route({
    method: 'GET',
    path: '/admin/events/holds',
    access: 'analyst',
    tag: 'Audit',
    summary: 'List legal holds',
    answer: { status: 200, about: 'Those in force first, each newest first.', schema: holdsAnswer },
    handle: async () => json({ holds: await readHolds(ports.stores.sql) } satisfies HoldsAnswer),
  });
}

function placeRoute(ports: ApiPorts, audit: OpenedAudit): Route {
  return route({
    method: 'POST',
    path: '/admin/events/holds',
    access: 'admin',
    tag: 'Audit',
    summary: 'Place a legal hold',
    about:
      'Events that fit all that is given are neither deleted nor erased until it is lifted. An audit event tells of it.',
    body: newHold,
    answer: { status: 201, about: 'The hold.', schema: holdSchema },
    refusals: [409],
    handle: async ({ c, caller, body }) => {
      refuseUnknownType(ports, body.type);
      return json(await audit.log.placeHold(body, by(c, caller)), 201);
    },
  });
}

function liftRoute(ports: ApiPorts, audit: OpenedAudit): Route {
  return route({
    method: 'POST',
    path: '/admin/events/holds/:id/lift',
    access: 'admin',
    tag: 'Audit',
    summary: 'Lift a legal hold',
    about: 'An audit event tells of it. Needs a second factor that was proven in the last ten minutes.',
    params: z.object({ id: idOf('hld') }),
    answer: { status: 200, about: 'The hold.', schema: holdSchema },
    refusals: [404, 409],
    handle: async ({ c, caller, params }) => {
      await demandFresh(ports, caller);
      return json(await audit.log.liftHold(params.id, by(c, caller)));
    },
  });
}

/** A hold that fits nothing because of a typing error keeps nothing, and is found out too late. */
function refuseUnknownType({ ownEvents = {} }: ApiPorts, type: string | undefined): void {
  if (type === undefined || Object.hasOwn(EVENTS, type) || Object.hasOwn(ownEvents, type)) return;
  const types = typesNamed(type).filter((one) => one !== type);
  throw new ConflictError(
    types.length === 0
      ? `${type} is no type of event.`
      : `${type} stands for several types: place a hold on each of ${types.join(', ')}.`,
  );
}

function by(c: ApiContext, caller: Caller): By {
  return { actor: nameOf(caller), address: addressOf(c) };
}
