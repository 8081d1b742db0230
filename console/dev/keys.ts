/** Made-up keys for building the console, and a rotation that takes its time. */
import type { KeyView, RotationProgress } from '../../src/server/api/key-types.ts';
import { fail, ok } from './call.ts';
import type { Answer, Call } from './call.ts';
import { proofAsked } from './users.ts';

const DAY = 86_400_000;
const start = Date.now();
type Purpose = KeyView['purpose'];

function key(purpose: Purpose, number: number, ageDays: number, rest: Partial<KeyView>): KeyView {
  const createdAtMs = start - ageDays * DAY;
  return {
    purpose,
    id: `k${number}`,
    state: 'active',
    wrapper: 'vault vault.internal:8200/transit/orders',
    usable: true,
    createdAtMs,
    createdBy: 'ada.lovelace@example.org',
    writesFromMs: createdAtMs + 3000,
    retiredAtMs: null,
    uses: 0,
    ...rest,
  };
}

const keys: KeyView[] = [
  key('fields', 4, 0.01, { uses: 184_220 }),
  key('fields', 3, 212, { state: 'decrypt-only', uses: 88_340_112 }),
  key('fields', 2, 402, { state: 'decrypt-only', uses: 12_904_551, wrapper: 'secret' }),
  key('fields', 1, 760, {
    state: 'retired',
    uses: 4_120_007,
    retiredAtMs: start - 210 * DAY,
    wrapper: 'secret',
  }),
  key('payment', 1, 421, { uses: 801_933_417, createdBy: 'server' }),
  key('index', 2, 38, { uses: 0 }),
  key('index', 1, 421, {
    state: 'decrypt-only',
    usable: false,
    wrapper: 'vault vault-eu.internal:8200/transit/orders',
  }),
  key('hmac', 1, 96, { uses: 0, createdBy: 'server' }),
  key('identity', 1, 96, { uses: 3128, wrapper: 'secret', createdBy: 'server' }),
];
const TABLES = [
  { table: 'app.customers', rowsTotal: 1_482_300, perSecond: 2600, doneBefore: 1_204_000 },
  { table: 'app.delivery_addresses', rowsTotal: 96_410, perSecond: 900, doneBefore: 0 },
] as const;
const rotations = new Map<Purpose, RotationProgress>([
  [
    'identity',
    {
      id: 'rot_1',
      purpose: 'identity',
      keyId: 'k1',
      startedAtMs: start - 96 * DAY,
      endedAtMs: start - 96 * DAY + 4200,
      tables: [{ table: 'rampart.factors', rowsTotal: 3128, rowsDone: 3128, unreadable: 2 }],
    },
  ],
]);

/** Half way through, and moving. */
function running(): RotationProgress {
  const seconds = (Date.now() - start) / 1000;
  const [{ table, rowsTotal, perSecond, doneBefore }] = TABLES;
  const rowsDone = Math.min(rowsTotal, Math.round(doneBefore + seconds * perSecond));
  return {
    id: 'rot_2',
    purpose: 'fields',
    keyId: 'k4',
    startedAtMs: start - 0.01 * DAY,
    endedAtMs: null,
    tables: [
      {
        table: TABLES[1].table,
        rowsTotal: TABLES[1].rowsTotal,
        rowsDone: TABLES[1].rowsTotal,
        unreadable: 0,
      },
      { table, rowsTotal, rowsDone, unreadable: 0 },
    ],
  };
}

const FIELDS: Readonly<Record<Purpose, Readonly<Record<string, number>>>> = {
  fields: { k4: 2_104_120, k3: 711_204, k2: 1180, '': 12 },
  payment: { k1: 801_933 },
  index: { k2: 1_482_300 },
  hmac: {},
  identity: { k1: 3126, '': 2 },
};

/** GET and POST below /admin/keys. */
export function keyCall({ parts, method, mode, body }: Call): Answer {
  const [, first, act] = parts;
  if (method === 'GET' && first === undefined) {
    if (mode === 'empty') return ok({ keys: [], rotations: [] });
    return ok({ keys, rotations: [running(), ...rotations.values()] });
  }
  if (method === 'GET' && act === 'fields') return ok({ purpose: first, fields: FIELDS[first as Purpose] });
  if (method === 'POST' && first === 'rotate') return proofAsked() ?? rotate(body['purpose'] as Purpose);
  return fail(404, 'NOT_FOUND', 'There is no such route.');
}

function rotate(purpose: Purpose): Answer {
  if (purpose === 'fields') return ok(running(), 202);
  const own = keys.filter((one) => one.purpose === purpose);
  const at = keys.findIndex((one) => one.purpose === purpose);
  const made = key(purpose, own.length + 1, 0, { createdAtMs: Date.now(), writesFromMs: Date.now() });
  const older = own.map((one) => (one.state === 'active' ? { ...one, state: 'decrypt-only' as const } : one));
  keys.splice(at, own.length, made, ...older);
  const rotation: RotationProgress = {
    id: `rot_${rotations.size + 3}`,
    purpose,
    keyId: made.id,
    startedAtMs: Date.now(),
    endedAtMs: null,
    tables: [{ table: 'app.cards', rowsTotal: 801_933, rowsDone: 41_000, unreadable: 0 }],
  };
  rotations.set(purpose, rotation);
  return ok(rotation, 202);
}
