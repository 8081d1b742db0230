import { beforeEach, describe, expect, it } from 'vitest';
import type { PrincipalValue } from '../../../core/fact.ts';
import { readKey } from './key-text.ts';
import { ADA, BEA, onEachDatabase, testGrants, type TestGrants, wipe } from './test-grants.ts';

const DAY_MS = 86_400_000;
const CARL: PrincipalValue = { id: 'user:carl', kind: 'user', roles: ['customer'] };
const code = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'done',
    (error: { code?: string; status?: number }) => error.code,
  );

onEachDatabase((sql) => {
  let house: TestGrants;
  beforeEach(async () => {
    await wipe(sql());
    house = testGrants(sql(), {
      options: {
        separate: [{ roles: ['payer', 'clerk'], reason: 'Who orders does not pay.' }],
        approval: ['auditor'],
      },
    });
    await house.grants.start();
  });
  const rolesOf = async (principal: PrincipalValue): Promise<readonly string[]> =>
    (await house.grants.principalOf(principal)).roles;
  const types = (): readonly string[] => house.audited.map(({ type }) => type);

  describe('an assigned role', () => {
    it('counts at once beside those that the principal has of itself, and no longer once it was ended', async () => {
      expect(await rolesOf(CARL)).toEqual(['customer']);
      const given = { subject: CARL.id, role: 'clerk', reason: 'covers for Dana' };
      const made = await house.grants.assignments.grant(given, ADA);
      expect(await rolesOf(CARL)).toEqual(['customer', 'clerk']);
      await house.grants.assignments.end(made.id, BEA);
      expect(await rolesOf(CARL)).toEqual(['customer']);
      expect(house.audited).toEqual([
        {
          type: 'ROLE_ASSIGNED',
          fields: {
            actor: ADA.id,
            address: ADA.address,
            subject: CARL.id,
            details: {
              role: 'clerk',
              reason: 'covers for Dana',
              expiresAtMs: null,
              before: '',
              after: 'clerk',
            },
          },
        },
        {
          type: 'ROLE_ASSIGNMENT_ENDED',
          fields: {
            actor: BEA.id,
            address: BEA.address,
            subject: CARL.id,
            details: { role: 'clerk', before: 'clerk', after: '' },
          },
        },
      ]);
    });

    it('stops at its time by the clock that was handed in, without anything being written', async () => {
      const expiresAtMs = house.clock.now() + 60_000;
      await house.grants.assignments.grant(
        { subject: CARL.id, role: 'clerk', reason: 'r', expiresAtMs },
        ADA,
      );
      house.clock.advance(59_999);
      expect(await rolesOf(CARL)).toContain('clerk');
      house.clock.advance(1);
      expect(await rolesOf(CARL)).toEqual(['customer']);
      expect(await house.grants.assignments.list({ limit: 10 })).toEqual([]);
      await house.grants.assignments.grant({ subject: CARL.id, role: 'clerk', reason: 'again' }, ADA);
      const all = await house.grants.assignments.list({ all: true, limit: 10 });
      expect(all.map(({ endedBy, endedAtMs }) => [endedBy, endedAtMs])).toEqual([
        [null, null],
        ['expiry', expiresAtMs],
      ]);
    });

    it('can be held shorter or longer, which is audited with before and after', async () => {
      const made = await house.grants.assignments.grant(
        { subject: CARL.id, role: 'clerk', reason: 'r' },
        ADA,
      );
      const soonMs = house.clock.now() + 1_000;
      await house.grants.assignments.change(made.id, soonMs, ADA);
      house.clock.advance(1_000);
      expect(await rolesOf(CARL)).toEqual(['customer']);
      expect(house.audited.at(-1)?.fields.details).toEqual({ role: 'clerk', before: null, after: soonMs });
      expect(await code(house.grants.assignments.change(made.id, null, ADA))).toBe('CONFLICT');
    });

    it('is refused twice, unknown, to the past, to oneself, and to who may not act', async () => {
      const { assignments } = house.grants;
      const given = { subject: CARL.id, role: 'clerk', reason: 'r' };
      await assignments.grant(given, ADA);
      house.own.set('user:gone', null);
      expect(await code(assignments.grant(given, ADA))).toBe('CONFLICT');
      expect(await code(assignments.grant({ ...given, role: 'root' }, ADA))).toBe('VALIDATION_ERROR');
      expect(await code(assignments.grant({ ...given, expiresAtMs: house.clock.now() }, ADA))).toBe(
        'VALIDATION_ERROR',
      );
      expect(await code(assignments.grant({ ...given, subject: ADA.id }, ADA))).toBe('AUTHORIZATION_ERROR');
      expect(await code(assignments.grant({ ...given, subject: 'user:gone' }, ADA))).toBe('NOT_FOUND');
      expect(await code(assignments.end('asg_none', ADA))).toBe('NOT_FOUND');
      expect(types()).toEqual(['ROLE_ASSIGNED']);
    });

    it('is not written when its audit event cannot be', async () => {
      const broken = testGrants(sql(), {
        ports: {
          transaction: (work) =>
            sql().transaction((tx) =>
              work({
                query: (text, values) => tx.query(text, values),
                audit: () => Promise.reject(new Error('full')),
              }),
            ),
        },
      });
      await broken.grants.start();
      const given = { subject: CARL.id, role: 'clerk', reason: 'r' };
      await expect(broken.grants.assignments.grant(given, ADA)).rejects.toThrow('full');
      expect(await house.grants.assignments.list({ limit: 10, all: true })).toEqual([]);
      expect(await rolesOf(CARL)).toEqual(['customer']);
    });
  });

  describe('separation of duties', () => {
    it('refuses the second role of a pair with the reason, also where it is inherited or held of oneself', async () => {
      const { assignments } = house.grants;
      const give = (subject: string, role: string): Promise<unknown> =>
        assignments.grant({ subject, role, reason: 'r' }, ADA);
      await give(CARL.id, 'payer');
      await expect(give(CARL.id, 'clerk')).rejects.toMatchObject({
        code: 'SEPARATION_OF_DUTIES',
        status: 409,
        details: { roles: ['payer', 'clerk'], reason: 'Who orders does not pay.' },
      });
      expect(await code(give(CARL.id, 'lead'))).toBe('SEPARATION_OF_DUTIES');
      house.own.set('user:dana', ['clerk']);
      expect(await code(give('user:dana', 'payer'))).toBe('SEPARATION_OF_DUTIES');
      expect(await code(assignments.check(CARL.id, ['lead']))).toBe('SEPARATION_OF_DUTIES');
      expect(await code(assignments.check(undefined, ['payer', 'clerk']))).toBe('SEPARATION_OF_DUTIES');
      expect(await code(assignments.check(undefined, ['payer']))).toBe('done');
    });

    it('of two grants at the same moment lets one through', async () => {
      const outcomes = await Promise.all(
        ['payer', 'clerk', 'payer', 'lead'].map((role) =>
          code(house.grants.assignments.grant({ subject: 'user:race', role, reason: 'r' }, ADA)),
        ),
      );
      expect(outcomes.filter((one) => one === 'done')).toHaveLength(outcomes[0] === 'done' ? 1 : 2);
      const held = await rolesOf({ id: 'user:race', kind: 'user', roles: [] });
      expect(held.includes('payer') && (held.includes('clerk') || held.includes('lead'))).toBe(false);
    });

    it('does not count an assigned role beside one that the account was given since', async () => {
      await house.grants.assignments.grant({ subject: CARL.id, role: 'payer', reason: 'r' }, ADA);
      expect(await rolesOf({ ...CARL, roles: ['lead'] })).toEqual(['lead']);
    });
  });

  describe('a role that needs two people', () => {
    const wish = { subject: CARL.id, role: 'auditor', reason: 'yearly audit' };

    it('is not assigned by one, and is by a second who neither asked nor gains', async () => {
      const { assignments, requests } = house.grants;
      expect(await code(assignments.grant(wish, ADA))).toBe('APPROVAL_REQUIRED');
      const asked = await requests.ask(wish, ADA);
      expect(await code(requests.ask(wish, BEA))).toBe('CONFLICT');
      expect(await code(requests.approve(asked.id, '', ADA))).toBe('AUTHORIZATION_ERROR');
      expect(await code(requests.approve(asked.id, '', { id: CARL.id, address: '::1' }))).toBe(
        'AUTHORIZATION_ERROR',
      );
      expect(await rolesOf(CARL)).toEqual(['customer']);
      await requests.approve(asked.id, 'agreed', BEA);
      expect(await rolesOf(CARL)).toEqual(['customer', 'auditor']);
      expect(house.audited.at(-1)?.fields).toMatchObject({
        actor: BEA.id,
        details: { request: asked.id, requestedBy: ADA.id },
      });
      expect(await code(requests.approve(asked.id, '', BEA))).toBe('CONFLICT');
    });

    it('is approved once when two approve at the same moment', async () => {
      const asked = await house.grants.requests.ask(wish, CARL_ACTOR);
      const outcomes = await Promise.all([
        code(house.grants.requests.approve(asked.id, '', ADA)) as Promise<string>,
        code(house.grants.requests.approve(asked.id, '', BEA)) as Promise<string>,
      ]);
      expect(outcomes.toSorted()).toEqual(['CONFLICT', 'done']);
      expect(await house.grants.assignments.list({ subject: CARL.id, limit: 10 })).toHaveLength(1);
    });

    it('is not made longer by one person alone, and stays away once it was refused', async () => {
      const { assignments, requests } = house.grants;
      const expiresAtMs = house.clock.now() + DAY_MS;
      const first = await requests.ask(wish, ADA);
      await requests.refuse(first.id, 'not this year', BEA);
      expect(await rolesOf(CARL)).toEqual(['customer']);
      house.clock.advance(1_000);
      const second = await requests.ask({ ...wish, expiresAtMs }, ADA);
      const made = await requests.approve(second.id, '', BEA);
      expect(await code(assignments.change(made.id, null, ADA))).toBe('APPROVAL_REQUIRED');
      expect(await code(assignments.change(made.id, expiresAtMs - 1, ADA))).toBe('done');
      expect((await requests.list({ limit: 10 })).map(({ state }) => state)).toEqual(['approved', 'refused']);
    });
  });

  describe('an API key', () => {
    let service: string;
    beforeEach(async () => {
      const made = await house.grants.services.create(
        { name: 'importer', about: 'Nightly import', responsible: ADA.id },
        ADA,
      );
      service = made.id;
      await house.grants.assignments.grant(
        { subject: `service:${service}`, role: 'clerk', reason: 'import' },
        ADA,
      );
    });
    const make = (more: object = {}) =>
      house.grants.keys.create({ service, name: 'night', scopes: ['orders:read'], ...more }, ADA);
    const fault = async (text: string): Promise<string> => {
      const found = await house.grants.identify(text);
      return found.ok ? 'ok' : found.fault;
    };

    it('is its service account, with its roles and no more than its scopes', async () => {
      const { key, text } = await make();
      expect(text).toMatch(/^rk_test_[0-9a-z]{16}_[0-9A-Za-z]{49}$/);
      expect(await house.grants.identify(text)).toEqual({
        ok: true,
        key: key.id,
        principal: {
          id: `service:${service}`,
          kind: 'service',
          roles: ['clerk'],
          scopes: ['orders:read'],
        },
      });
      const { rows } = await sql().query('SELECT * FROM rampart.access_keys');
      expect(JSON.stringify(rows)).not.toContain(text.slice(-49));
      expect(JSON.stringify(house.audited)).not.toContain(text.slice(-49));
    });

    it('is refused mistyped without a look-up, invented, of another secret and of another environment', async () => {
      const { text } = await make();
      let asked = 0;
      const counting = testGrants(sql(), {
        ports: {
          sql: Object.assign(Object.create(sql()) as ReturnType<typeof sql>, {
            query: (...args: Parameters<ReturnType<typeof sql>['query']>) => {
              asked += 1;
              return sql().query(...args);
            },
          }),
        },
      });
      const typo = `${text.slice(0, -10)}${text.at(-10) === 'x' ? 'y' : 'x'}${text.slice(-9)}`;
      expect(await counting.grants.identify(typo)).toMatchObject({ ok: false, fault: 'form' });
      expect(asked).toBe(0);
      const { makeKey } = await import('./key-text.ts');
      expect(await fault(makeKey('test', readKey(text)?.id as string))).toBe('secret');
      expect(await fault(makeKey('test', '0123456789abcdef'))).toBe('unknown');
      expect(await fault(makeKey('live', readKey(text)?.id as string))).toBe('environment');
      expect(await fault('rk_test_')).toBe('form');
      const stranger = testGrants(sql(), { secret: new Uint8Array(32) });
      await stranger.grants.start();
      expect(await stranger.grants.identify(text)).toMatchObject({ ok: false, fault: 'secret' });
    });

    it('ends with its time, when it is revoked, and while its account is disabled', async () => {
      const short = await make({ expiresAtMs: house.clock.now() + 1_000 });
      const other = await make();
      expect([await fault(short.text), await fault(other.text)]).toEqual(['ok', 'ok']);
      house.clock.advance(1_000);
      expect(await fault(short.text)).toBe('expired');
      await house.grants.services.setDisabled(service, true, ADA);
      expect(await fault(other.text)).toBe('disabled');
      expect(await code(make())).toBe('CONFLICT');
      await house.grants.services.setDisabled(service, false, ADA);
      expect(await fault(other.text)).toBe('ok');
      await house.grants.keys.revoke(other.key.id, ADA);
      expect(await fault(other.text)).toBe('revoked');
      expect(await code(house.grants.keys.revoke(other.key.id, ADA))).toBe('CONFLICT');
    });

    it('is rotated with an overlap in which both are good', async () => {
      const old = await make();
      const next = await house.grants.keys.rotate(old.key.id, 60_000, ADA);
      expect(next.key).toMatchObject({ name: 'night', scopes: ['orders:read'], service });
      expect([await fault(old.text), await fault(next.text)]).toEqual(['ok', 'ok']);
      house.clock.advance(60_000);
      expect([await fault(old.text), await fault(next.text)]).toEqual(['expired', 'ok']);
      expect(await code(house.grants.keys.rotate(old.key.id, 0, ADA))).toBe('CONFLICT');
      expect(
        (await house.grants.keys.list({ service, limit: 10 })).find(({ id }) => id === old.key.id),
      ).toMatchObject({
        replacedBy: next.key.id,
      });
    });

    it('notes its use at most once a minute', async () => {
      const { key, text } = await make();
      const used = async (): Promise<unknown> => {
        await house.grants.identify(text);
        await house.grants.close();
        return (await house.grants.keys.list({ service, limit: 1 }))[0]?.lastUsedAtMs;
      };
      const firstMs = house.clock.now();
      expect(await used()).toBe(firstMs);
      house.clock.advance(59_999);
      expect(await used()).toBe(firstMs);
      house.clock.advance(1);
      expect(await used()).toBe(firstMs + 60_000);
      expect(key.lastUsedAtMs).toBeNull();
    });

    it('is not made with scopes that the policy lacks, without scopes, too long, or for nobody', async () => {
      for (const more of [
        { scopes: ['payments:read'] },
        { scopes: [] },
        { expiresAtMs: house.clock.now() + 366 * DAY_MS },
        { expiresAtMs: house.clock.now() },
      ]) {
        expect(await code(make(more))).toBe('VALIDATION_ERROR');
      }
      expect(await code(make({ service: 'svc_none' }))).toBe('NOT_FOUND');
    });
  });

  describe('a review', () => {
    it('lists what stands, keeps and revokes it, and closes when every line was decided', async () => {
      const { assignments, services, keys, reviews } = house.grants;
      const carl = await assignments.grant({ subject: CARL.id, role: 'clerk', reason: 'r' }, ADA);
      const bea = await assignments.grant({ subject: BEA.id, role: 'payer', reason: 'r' }, ADA);
      const svc = await services.create({ name: 's', about: '', responsible: ADA.id }, ADA);
      const { key, text } = await keys.create({ service: svc.id, name: 'k', scopes: ['orders:*'] }, ADA);
      await house.grants.identify(text);
      await house.grants.close();
      const given = { name: 'Q4', reviewer: BEA.id, dueAtMs: house.clock.now() + DAY_MS };
      const review = await reviews.open(given, ADA);
      const { items } = await reviews.get(review.id);
      expect(items.map(({ kind, what, lastUsedAtMs }) => [kind, what, lastUsedAtMs])).toEqual([
        ['assignment', 'payer', null],
        ['assignment', 'clerk', null],
        ['key', 'k: orders:*', house.clock.now()],
      ]);
      const decide = (target: string, decision: 'keep' | 'revoke', actor = BEA): Promise<unknown> =>
        code(
          reviews.decide(
            review.id,
            { kind: target === key.id ? 'key' : 'assignment', target, decision, note: 'n' },
            actor,
          ),
        );
      expect(await decide(bea.id, 'keep')).toBe('AUTHORIZATION_ERROR');
      expect(await decide(carl.id, 'revoke')).toBe('done');
      expect(await decide(carl.id, 'keep')).toBe('CONFLICT');
      expect(await rolesOf(CARL)).toEqual(['customer']);
      expect(await code(reviews.close(review.id, BEA))).toBe('CONFLICT');
      expect(await decide(key.id, 'revoke')).toBe('done');
      expect(await house.grants.identify(text)).toMatchObject({ fault: 'revoked' });
      expect(await decide(bea.id, 'keep', ADA)).toBe('done');
      await reviews.close(review.id, BEA);
      expect(house.audited.at(-1)).toMatchObject({
        type: 'ACCESS_REVIEW_CLOSED',
        fields: { details: { kept: 1, revoked: 2, late: false } },
      });
      expect(await code(reviews.close(review.id, BEA))).toBe('CONFLICT');
      expect(await reviews.list({ limit: 5 })).toMatchObject([{ open: 0, items: 3, closedBy: BEA.id }]);
    });

    it('is told of once when its day is over, unless it is closed by then', async () => {
      const { reviews } = house.grants;
      const dueAtMs = house.clock.now() + DAY_MS;
      const late = await reviews.open({ name: 'late', reviewer: BEA.id, dueAtMs }, ADA);
      const done = await reviews.open({ name: 'done', reviewer: BEA.id, dueAtMs }, ADA);
      await reviews.open({ name: 'later', reviewer: BEA.id, dueAtMs: dueAtMs + 1 }, ADA);
      await reviews.close(done.id, ADA);
      house.audited.length = 0;
      expect([await reviews.tellOverdue(), await reviews.overdue(9)]).toEqual([0, []]);
      house.clock.advance(DAY_MS);
      const counts = await Promise.all([reviews.tellOverdue(), reviews.tellOverdue()]);
      expect(counts[0] + counts[1]).toBe(1);
      expect(await reviews.tellOverdue()).toBe(0);
      expect(house.audited).toEqual([
        {
          type: 'ACCESS_REVIEW_OVERDUE',
          fields: { subject: late.id, details: { name: 'late', reviewer: BEA.id, dueAtMs, open: 0 } },
        },
      ]);
      expect(await reviews.overdue(9)).toEqual([
        { id: late.id, name: 'late', reviewer: BEA.id, dueAtMs, open: 0 },
      ]);
    });

    it('revokes what has ended by itself without an error', async () => {
      const { assignments, reviews } = house.grants;
      const expiresAtMs = house.clock.now() + 1_000;
      const made = await assignments.grant(
        { subject: CARL.id, role: 'clerk', reason: 'r', expiresAtMs },
        ADA,
      );
      const review = await reviews.open(
        { name: 'r', reviewer: ADA.id, dueAtMs: house.clock.now() + DAY_MS },
        ADA,
      );
      house.clock.advance(1_000);
      const decision = { kind: 'assignment', target: made.id, decision: 'revoke', note: '' } as const;
      expect(await reviews.decide(review.id, decision, BEA)).toMatchObject({ decision: 'revoke' });
    });
  });
});

const CARL_ACTOR = { id: CARL.id, address: '192.0.2.3' };
