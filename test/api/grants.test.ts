import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/core/errors.ts';
import { openAccess, prepareAccess } from '../../src/server/access.ts';
import type {
  ApiKeysAnswer,
  AssignmentEntry,
  AssignmentsAnswer,
  ExplainAnswer,
  MadeKeyAnswer,
  ReviewAnswer,
  ReviewEntry,
  RoleRequestEntry,
  RolesAnswer,
  ServiceEntry,
  WhoCanAnswer,
} from '../../src/server/api/access-types.ts';
import { csrfTokenOfAccount } from '../../src/server/api/caller.ts';
import { CONSOLE_ROLES } from '../../src/server/api/user-types.ts';
import type { Stores } from '../../src/server/data/index.ts';
import { samplePolicy } from '../../src/server/sample-policy.ts';
import { memoryBus } from '../../src/stores/memory/bus.ts';
import { AuthHouse } from './auth-house.ts';
import { onEachDatabase } from './databases.ts';
import { errorOf } from './house.ts';

const BOB = 'acc_01k9x3v8c0m2n4p6q8r0s2t4v7';
const NONE = '0123456789abcdef';
const READS = [
  ['GET', '/admin/roles'],
  ['GET', '/admin/access/assignments'],
  ['GET', '/admin/access/requests'],
  ['GET', '/admin/access/services'],
  ['GET', '/admin/access/keys'],
  ['GET', '/admin/access/reviews'],
  ['POST', '/admin/access/who-can', { permission: 'orders:read' }],
  ['POST', '/admin/access/explain', { subject: 'user:x', roles: [], permission: 'orders:read' }],
] as const;
const WISH = { subject: `user:${BOB}`, role: 'customer', reason: 'needs it' };
const WRITES = [
  ['POST', '/admin/access/assignments', WISH],
  ['PATCH', `/admin/access/assignments/${NONE}`, { expiresAtMs: null }],
  ['DELETE', `/admin/access/assignments/${NONE}`, undefined],
  ['POST', '/admin/access/requests', WISH],
  ['POST', `/admin/access/requests/${NONE}/approve`, {}],
  ['POST', `/admin/access/requests/${NONE}/refuse`, {}],
  ['POST', '/admin/access/services', { name: 'n', responsible: 'user:x' }],
  ['POST', `/admin/access/services/${NONE}/disable`, undefined],
  ['POST', `/admin/access/services/${NONE}/enable`, undefined],
  ['POST', '/admin/access/keys', { service: NONE, name: 'n', scopes: ['*'] }],
  ['POST', `/admin/access/keys/${NONE}/rotate`, {}],
  ['DELETE', `/admin/access/keys/${NONE}`, undefined],
  ['POST', '/admin/access/reviews', { name: 'n', reviewer: 'user:x', dueAtMs: 8e12 }],
  ['POST', `/admin/access/reviews/${NONE}/decisions`, { kind: 'key', target: NONE, decision: 'keep' }],
  ['POST', `/admin/access/reviews/${NONE}/close`, undefined],
] as const;

async function open(stores: Stores): Promise<AuthHouse> {
  const held: { house?: AuthHouse } = {};
  const clock = {
    now: () => held.house?.house.clock.now() ?? 0,
    monotonic: () => held.house?.house.clock.monotonic() ?? 0,
  };
  const prepared = prepareAccess(
    {
      ...samplePolicy,
      grants: {
        separate: [{ roles: ['customer', 'admin'], reason: 'Nobody serves themselves.' }],
        approval: ['admin'],
      },
    },
    [{ match: '/free/*', settings: {} }],
  );
  const access = await openAccess(prepared, {
    node: 'one',
    sql: stores.sql,
    eventStore: stores.events,
    events: { emit: () => undefined },
    announce: () => undefined,
    bus: memoryBus(),
    secret: new Uint8Array(32).fill(7),
    production: false,
    accounts: true,
    reserved: CONSOLE_ROLES,
    clock,
    timers: { after: () => () => undefined },
    log: { warn: () => undefined, error: () => undefined } as never,
  });
  held.house = new AuthHouse(stores, { access });
  return held.house;
}

onEachDatabase((stores) => {
  let auth: AuthHouse;
  beforeEach(async () => {
    await stores().sql
      .script(`TRUNCATE rampart.access_assignments, rampart.access_requests, rampart.access_keys,
      rampart.access_services, rampart.access_reviews, rampart.access_review_items, rampart.identity_accounts CASCADE`);
    await stores().sql.script(`INSERT INTO rampart.identity_accounts
      (id, email, email_key, name, locale, status, roles, created_at_ms, passkey_user) VALUES
      ('${BOB}', 'bob@example.org', 'bob@example.org', 'Bob', 'en', 'active', '{viewer}', 1, 'p')`);
    auth = await open(stores());
  });
  const as = (role: string, account = `acc_of_the_${role}`): Readonly<Record<string, string>> => {
    const { cookie, state } = auth.session({ roles: [role], aal: 2, account });
    return { cookie, 'x-rampart-csrf': csrfTokenOfAccount(auth.house.ports.facts.secret, state.id) };
  };
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- says what the test expects to be told
  const ask = async <T>(method: string, path: string, body?: unknown, headers = as('administrator')) => {
    const response = await auth.send(method, path, body, headers);
    return { status: response.status, body: (await response.json()) as T };
  };

  describe('access over HTTP', () => {
    it('is read by analysts and not by viewers', async () => {
      for (const [method, path, body] of READS) {
        expect([path, (await auth.send(method, path, body, as('viewer'))).status]).toEqual([path, 403]);
        expect([path, (await auth.send(method, path, body, as('analyst'))).status]).toEqual([path, 200]);
        expect([path, (await auth.send(method, path, body, {})).status]).toEqual([path, 401]);
      }
    });

    it('is changed by administrators alone, with the token of the session and a fresh factor', async () => {
      for (const [method, path, body] of WRITES) {
        expect([path, (await auth.send(method, path, body, as('analyst'))).status]).toEqual([path, 403]);
        const { cookie } = as('administrator');
        const bare = await auth.send(method, path, body, { cookie: cookie as string });
        expect([path, bare.status]).toEqual([path, 403]);
      }
      auth.answers['requireFresh'] = new AppError('Prove it.', 401, 'FRESH_AUTH_REQUIRED');
      for (const [method, path, body] of WRITES) {
        const response = await auth.send(method, path, body, as('administrator'));
        expect([path, (await errorOf(response)).code]).toEqual([path, 'FRESH_AUTH_REQUIRED']);
      }
      const { assignments } = (await ask<AssignmentsAnswer>('GET', '/admin/access/assignments')).body;
      expect(assignments).toEqual([]);
    });

    it('shows roles against permissions, what needs two people, and rules that say nothing', async () => {
      const { body } = await ask<RolesAnswer>('GET', '/admin/roles');
      expect(body.permissions).toContain('orders:read');
      const customer = body.roles.find(({ role }) => role === 'customer');
      expect(customer?.cells.find(({ permission }) => permission === 'orders:read')).toMatchObject({
        when: 'sometimes',
      });
      expect(body.roles.filter(({ needsApproval }) => needsApproval).map(({ role }) => role)).toEqual([
        'admin',
      ]);
      expect(body.rulesWithoutAccess).toEqual(['/free/*']);
    });

    it('assigns a role, which counts in an explanation, and ends it, with an event before and after', async () => {
      const made = await ask<AssignmentEntry>('POST', '/admin/access/assignments', WISH);
      expect([made.status, made.body.grantedBy]).toEqual([201, 'user:acc_of_the_administrator']);
      const question = {
        subject: `user:${BOB}`,
        permission: 'orders:read',
        row: { id: 'o', owner: `user:${BOB}` },
      };
      const explain = async (row: object): Promise<ExplainAnswer> =>
        (await ask<ExplainAnswer>('POST', '/admin/access/explain', { ...question, row })).body;
      const mine = await explain(question.row);
      expect(mine).toMatchObject({ allowed: true, roles: ['viewer', 'customer'] });
      expect(mine.decidedBy).toContain('orders:read');
      expect((await explain({ id: 'o', owner: 'user:eve' })).allowed).toBe(false);
      const { holders } = (
        await ask<WhoCanAnswer>('POST', '/admin/access/who-can', { permission: 'orders:read' })
      ).body;
      expect(holders.find(({ role }) => role === 'customer')?.assigned).toEqual([`user:${BOB}`]);
      await ask('DELETE', `/admin/access/assignments/${made.body.id}`);
      expect((await explain(question.row)).allowed).toBe(false);
      const { rows } = await stores().sql.query(
        `SELECT type, details->>'before' AS before, details->>'after' AS after FROM rampart.events
         WHERE type LIKE 'ROLE_%' ORDER BY id`,
      );
      expect(rows).toEqual([
        { type: 'ROLE_ASSIGNED', before: 'viewer', after: 'viewer customer' },
        { type: 'ROLE_ASSIGNMENT_ENDED', before: 'customer', after: '' },
      ]);
    });

    it('refuses what separation of duties forbids, here and where accounts get their roles', async () => {
      await ask('POST', '/admin/access/assignments', WISH);
      const roles = await ask('POST', `/admin/users/${BOB}/roles`, { roles: ['admin'] });
      expect(roles).toMatchObject({ status: 409, body: { error: { code: 'SEPARATION_OF_DUTIES' } } });
      const invited = await ask('POST', '/admin/users', {
        email: 'eve@example.org',
        roles: ['admin', 'customer'],
      });
      expect(invited).toMatchObject({ status: 409, body: { error: { code: 'SEPARATION_OF_DUTIES' } } });
      expect(auth.asked).not.toContain('accounts.setRoles');
    });

    it('never assigns a role of the console, nor to who is not there', async () => {
      const root = await ask('POST', '/admin/access/assignments', { ...WISH, role: 'administrator' });
      expect(root).toMatchObject({ status: 400, body: { error: { code: 'VALIDATION_ERROR' } } });
      for (const subject of ['user:acc_none', 'service:svc_none', 'root'])
        expect((await ask('POST', '/admin/access/assignments', { ...WISH, subject })).status).toBe(404);
    });

    it('lets two people decide where two are needed', async () => {
      const wish = { ...WISH, role: 'admin' };
      expect(await ask('POST', '/admin/access/assignments', wish)).toMatchObject({
        body: { error: { code: 'APPROVAL_REQUIRED' } },
      });
      const asked = await ask<RoleRequestEntry>('POST', '/admin/access/requests', wish);
      const path = `/admin/access/requests/${asked.body.id}/approve`;
      expect((await ask('POST', path, {})).status).toBe(403);
      const second = await ask<AssignmentEntry>('POST', path, {}, as('administrator', 'acc_second'));
      expect([second.status, second.body.role]).toEqual([200, 'admin']);
    });

    it('makes keys whose text is shown once, rotates and revokes them', async () => {
      const service = (
        await ask<ServiceEntry>('POST', '/admin/access/services', {
          name: 'importer',
          responsible: `user:${BOB}`,
        })
      ).body;
      const made = await ask<MadeKeyAnswer>('POST', '/admin/access/keys', {
        service: service.id,
        name: 'night',
        scopes: ['orders:read'],
      });
      expect(made.status).toBe(201);
      expect(made.body.text).toMatch(/^rk_test_/);
      const next = await ask<MadeKeyAnswer>('POST', `/admin/access/keys/${made.body.key.id}/rotate`, {
        overlapSeconds: 60,
      });
      const listed = await auth.send(
        'GET',
        `/admin/access/keys?service=${service.id}`,
        undefined,
        as('analyst'),
      );
      const text = await listed.text();
      expect((JSON.parse(text) as ApiKeysAnswer).keys).toHaveLength(2);
      for (const one of [made, next]) expect(text).not.toContain(one.body.text.slice(-40));
      const gone = await ask('DELETE', `/admin/access/keys/${next.body.key.id}`);
      expect(gone.body).toMatchObject({ revokedBy: 'user:acc_of_the_administrator' });
      const { rows } = await stores().sql.query(`SELECT details::text AS d FROM rampart.events`);
      expect(JSON.stringify(rows)).not.toContain(made.body.text.slice(-40));
    });

    it('walks a review from its opening to its end', async () => {
      const made = await ask<AssignmentEntry>('POST', '/admin/access/assignments', WISH);
      const opened = await ask<ReviewEntry>('POST', '/admin/access/reviews', {
        name: 'Q4',
        reviewer: `user:${BOB}`,
        dueAtMs: auth.house.clock.now() + 1_000_000,
      });
      const path = `/admin/access/reviews/${opened.body.id}`;
      expect((await ask('POST', `${path}/close`)).status).toBe(409);
      const decision = { kind: 'assignment', target: made.body.id, decision: 'revoke', note: 'left' };
      expect((await ask('POST', `${path}/decisions`, decision)).status).toBe(200);
      expect((await ask<ReviewAnswer>('GET', path)).body.lines).toMatchObject([
        { decision: 'revoke', note: 'left' },
      ]);
      expect((await ask('POST', `${path}/close`)).status).toBe(200);
      const { assignments } = (await ask<AssignmentsAnswer>('GET', '/admin/access/assignments')).body;
      expect(assignments).toEqual([]);
    });

    it('stands in the OpenAPI document, every route of it', async () => {
      const { paths } = (await (await auth.send('GET', '/openapi.json')).json()) as {
        paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
      };
      for (const [method, path] of [...READS, ...WRITES]) {
        const shape = path.replace(NONE, '{id}');
        expect([shape, Object.keys(paths[shape] ?? {})]).toEqual([
          shape,
          expect.arrayContaining([method.toLowerCase()]),
        ]);
      }
    });

    it('pages through assignments, newest first', async () => {
      for (const name of ['a', 'b', 'c'])
        await ask('POST', '/admin/access/assignments', {
          ...WISH,
          subject: `sample:${name}`,
          role: 'customer',
        });
      const first = await ask<AssignmentsAnswer>('GET', '/admin/access/assignments?limit=2');
      expect(first.body.assignments.map(({ subject }) => subject)).toEqual(['sample:c', 'sample:b']);
      const rest = await ask<AssignmentsAnswer>(
        'GET',
        `/admin/access/assignments?limit=2&cursor=${first.body.nextCursor}`,
      );
      expect(rest.body).toMatchObject({ assignments: [{ subject: 'sample:a' }], nextCursor: null });
    });
  });
});
