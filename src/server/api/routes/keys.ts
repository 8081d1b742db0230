import { z } from 'zod';
import { KEY_PURPOSES } from '../../../base/secrets/index.ts';
import { type Caller, nameOf } from '../caller.ts';
import type { KeyFieldsAnswer, KeysAnswer, KeyView, RotationProgress } from '../key-types.ts';
import type { ApiPorts } from '../ports.ts';
import { json, route, type Route } from '../route.ts';

const TAG = 'Keys';
const FRESH_MS = 600_000;

const atMs = z.int();
const purpose = z.enum(KEY_PURPOSES);
const keyView = z.object({
  purpose,
  id: z.string(),
  state: z.enum(['pending', 'active', 'decrypt-only', 'retired']),
  wrapper: z.string().meta({ description: 'What the key is wrapped by.' }),
  usable: z.boolean().meta({ description: 'Whether this node can use it.' }),
  createdAtMs: atMs,
  createdBy: z.string(),
  writesFromMs: atMs,
  retiredAtMs: atMs.nullable(),
  uses: z.int(),
}) satisfies z.ZodType<KeyView>;
const rotation = z.object({
  id: z.string(),
  purpose,
  keyId: z.string(),
  startedAtMs: atMs,
  endedAtMs: atMs.nullable(),
  tables: z.array(
    z.object({ table: z.string(), rowsTotal: z.int(), rowsDone: z.int(), unreadable: z.int() }),
  ),
}) satisfies z.ZodType<RotationProgress>;
const keysAnswer = z.object({
  keys: z.array(keyView),
  rotations: z.array(rotation).meta({ description: 'The newest of each purpose.' }),
}) satisfies z.ZodType<KeysAnswer>;
const countsAnswer = z.object({
  purpose,
  fields: z.record(z.string(), z.int()).meta({
    description: 'Fields under each key. Those that no key has made count under an empty name.',
  }),
}) satisfies z.ZodType<KeyFieldsAnswer>;

/** The keys as administrators see them: never their material. Nothing where none are managed. */
export function keyRoutes(ports: ApiPorts): readonly Route[] {
  return ports.keys === undefined
    ? []
    : [listRoute(ports.keys), countRoute(ports.keys), rotateRoute(ports, ports.keys)];
}

type Keys = NonNullable<ApiPorts['keys']>;

function listRoute({ store, rotation: rotations }: Keys): Route {
  return route({
    method: 'GET',
    path: '/admin/keys',
    access: 'admin',
    tag: TAG,
    summary: 'List keys and their rotations',
    answer: { status: 200, about: 'The newest of each purpose first.', schema: keysAnswer },
    handle: async () => {
      const newest = await Promise.all(KEY_PURPOSES.map((one) => rotations.progress(one)));
      return json({ keys: await store.list(), rotations: newest.filter((one) => one !== undefined) });
    },
  });
}

function countRoute({ rotation: rotations }: Keys): Route {
  return route({
    method: 'GET',
    path: '/admin/keys/:purpose/fields',
    access: 'admin',
    tag: TAG,
    summary: 'Count the fields under each key of a purpose',
    about: 'Reads every row of the tables that are declared.',
    params: z.object({ purpose }),
    answer: { status: 200, about: 'By key.', schema: countsAnswer },
    handle: async ({ params }) =>
      json({ purpose: params.purpose, fields: Object.fromEntries(await rotations.counts(params.purpose)) }),
  });
}

function rotateRoute(ports: ApiPorts, keys: Keys): Route {
  return route({
    method: 'POST',
    path: '/admin/keys/rotate',
    access: 'admin',
    tag: TAG,
    summary: 'Rotate the key of a purpose',
    about:
      'Adds a key, seals everything anew in the background, and retires the older keys that seal nothing any more. A rotation that has begun goes on. Needs a second factor that was proven in the last ten minutes.',
    body: z.strictObject({ purpose }),
    answer: { status: 202, about: 'It has begun; GET /admin/keys shows how far it is.', schema: rotation },
    refusals: [409],
    handle: async ({ caller, body }) => {
      await demandFresh(ports, caller);
      await keys.rotations.begin(body.purpose, nameOf(caller));
      return json(await keys.rotation.progress(body.purpose), 202);
    },
  });
}

/** The operator key and set-up links, which only it makes, have no factor to prove. */
export async function demandFresh({ identity }: ApiPorts, caller: Caller): Promise<void> {
  if (caller.kind !== 'account' || !identity) return;
  await identity.requireFresh(caller.session, { withinMs: FRESH_MS, factor: 'second', aal: 2 });
}
