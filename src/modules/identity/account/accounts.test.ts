import { hash } from '@node-rs/bcrypt';
import { beforeAll, describe, expect, it } from 'vitest';
import { onEachDatabase } from '../test-house.ts';
import { asGranted, browser, type House, houseOver, OPERATOR, PASSWORD, refusalOf } from './test-account.ts';

const NEXT = 'another horse battery staple 9';

onEachDatabase((sql) => {
  let house: House;
  beforeAll(async () => {
    house = await houseOver(sql());
  });
  const own = (): typeof browser => ({ ...browser, group: house.email() });
  const administrators = async (count: number): Promise<readonly string[]> => {
    await sql().query(
      `UPDATE rampart.identity_accounts SET roles = '{customer}' WHERE 'administrator' = ANY(roles)`,
    );
    const made: string[] = [];
    for (let i = 0; i < count; i += 1) {
      const given = { email: house.email(), name: 'Root', password: PASSWORD, roles: ['administrator'] };
      made.push((await house.identity.accounts.create(given, OPERATOR)).id);
    }
    return made;
  };

  describe('administration', () => {
    it('invites: the owner alone chooses the password, by a link that works once', async () => {
      const { identity } = house;
      const email = house.email();
      const invited = await identity.accounts.invite({ email, name: 'New', roles: ['customer'] }, OPERATOR);
      expect(invited).toMatchObject({ status: 'pending', password_hash: null });
      const token = await house.token(email, 'invitation');
      await identity.accounts.invite({ email, roles: ['customer'] }, OPERATOR);
      expect(await refusalOf(identity.resetPassword({ token, password: NEXT }, own()))).toMatchObject({
        code: 'LINK_INVALID',
      });
      const newest = await house.token(email, 'invitation');
      await identity.resetPassword({ token: newest, password: NEXT }, own());
      expect((await identity.signIn({ email, password: NEXT }, own())).kind).toBe('granted');
      const again = identity.accounts.invite({ email, roles: ['customer'] }, OPERATOR);
      expect(await refusalOf(again)).toMatchObject({ status: 409, code: 'CONFLICT' });
    });

    it('creates once, even when asked ten times at once', async () => {
      const { identity } = house;
      const given = { email: house.email(), name: '', password: PASSWORD, roles: [] };
      const made = await Promise.allSettled(
        Array.from({ length: 10 }, () => identity.accounts.create(given, OPERATOR)),
      );
      expect(made.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
      expect(made.find((one) => one.status === 'rejected')?.reason).toMatchObject({ code: 'CONFLICT' });
    });

    it('imports: an older hash opens the account, and is replaced at the first sign-in', async () => {
      const { identity } = house;
      const email = house.email();
      const passwordHash = await hash(PASSWORD, { cost: 4 });
      const older = {
        email,
        name: 'Older',
        passwordHash,
        roles: ['customer'],
        createdAtMs: 1_600_000_000_000,
      };
      const { id } = await identity.accounts.import(older, OPERATOR);
      expect((await identity.accounts.get(id))?.created_at_ms).toBe(1_600_000_000_000);
      expect((await identity.signIn({ email, password: PASSWORD }, own())).kind).toBe('granted');
      expect((await identity.accounts.get(id))?.password_hash).toMatch(/^\$argon2id\$/);
      expect(await refusalOf(identity.accounts.import(older, OPERATOR))).toMatchObject({ code: 'CONFLICT' });
    });

    it('imports no hash that nobody could verify, and no account from the future', async () => {
      const { identity, ports } = house;
      const older = { email: house.email(), name: '', passwordHash: null, roles: [] };
      for (const wrong of [
        { passwordHash: '5f4dcc3b5aa765d61d8327deb882cf99' },
        { createdAtMs: ports.clock.now() + 1 },
      ])
        expect(await refusalOf(identity.accounts.import({ ...older, ...wrong }, OPERATOR))).toMatchObject({
          status: 400,
          details: [{ field: Object.keys(wrong)[0] }],
        });
      expect((await identity.accounts.import(older, OPERATOR)).password_hash).toBeNull();
    });

    it('locks: sessions end at once, and the audit trail names who and why', async () => {
      const { identity, ports } = house;
      const person = await house.person();
      const { account, id } = person.session;
      expect(await identity.accounts.lock(account, { reason: 'fraud' }, OPERATOR)).toBe(true);
      expect(await identity.sessions.fresh(id)).toBeUndefined();
      const event = ports.audited.find((one) => one.type === 'ACCOUNT_LOCKED' && one.subject === account);
      expect(event).toMatchObject({ actor: 'operator', details: { reason: 'fraud' } });
      const revoked = ports.audited.find((one) => one.type === 'SESSION_REVOKED' && one.subject === account);
      expect(revoked).toMatchObject({ actor: 'operator' });
      expect((await house.mailsTo(person.email)).at(-1)?.kind).toBe('account-locked');
      expect(await identity.accounts.unlock(account, OPERATOR)).toBe(true);
      expect((await identity.signIn({ email: person.email, password: PASSWORD }, person.facts)).kind).toBe(
        'granted',
      );
      expect(await identity.accounts.lock('acc_none', { reason: '' }, OPERATOR)).toBe(false);
    });

    it('requires a reset: the old password is gone, and only the mailed link sets a new one', async () => {
      const { identity } = house;
      const person = await house.person();
      await identity.accounts.requireReset(person.session.account, OPERATOR);
      expect(await identity.sessions.fresh(person.session.id)).toBeUndefined();
      const sign = (password: string) => identity.signIn({ email: person.email, password }, own());
      expect(await refusalOf(sign(PASSWORD))).toMatchObject({ code: 'INVALID_CREDENTIALS' });
      const token = await house.token(person.email, 'reset-required');
      await identity.resetPassword({ token, password: NEXT }, own());
      expect(asGranted(await sign(NEXT)).grant.session.scope).toBe('full');
    });

    it('removes second factors of people who have lost theirs', async () => {
      const { identity } = house;
      const { person } = await house.enrol(await house.person());
      await identity.accounts.resetFactors(person.session.account, OPERATOR);
      expect(await identity.sessions.fresh(person.session.id)).toBeUndefined();
      const granted = asGranted(
        await identity.signIn({ email: person.email, password: PASSWORD }, person.facts),
      );
      expect(granted.grant.session.aal).toBe(1);
      expect((await house.mailsTo(person.email)).map((mail) => mail.kind)).toContain('factor-removed');
    });

    it('A15: less power counts at once; more power ends every session', async () => {
      const { identity } = house;
      await administrators(1);
      const person = await house.person();
      const { account, id } = person.session;
      expect(await identity.accounts.setRoles(account, [], OPERATOR)).toBe(true);
      expect((await identity.sessions.fresh(id))?.roles).toEqual([]);
      await identity.accounts.setRoles(account, ['customer', 'viewer', 'viewer'], OPERATOR);
      expect(await identity.sessions.fresh(id)).toBeUndefined();
      expect((await identity.accounts.get(account))?.roles).toEqual(['customer', 'viewer']);
      const bad = identity.accounts.setRoles(account, ['a b'], OPERATOR);
      expect(await refusalOf(bad)).toMatchObject({ status: 400 });
    });

    it('keeps the last administrator: not locked, not demoted', async () => {
      const { identity } = house;
      const [last] = (await administrators(1)) as [string];
      const conflict = { status: 409, code: 'CONFLICT' };
      expect(await refusalOf(identity.accounts.lock(last, { reason: '' }, OPERATOR))).toMatchObject(conflict);
      expect(await refusalOf(identity.accounts.setRoles(last, ['viewer'], OPERATOR))).toMatchObject(conflict);
    });

    it('keeps one administrator when two demote each other at the same moment', async () => {
      const { identity } = house;
      const [one, two] = (await administrators(2)) as [string, string];
      const done = await Promise.allSettled([
        identity.accounts.setRoles(one, [], OPERATOR),
        identity.accounts.lock(two, { reason: '' }, OPERATOR),
      ]);
      expect(done.filter((act) => act.status === 'fulfilled')).toHaveLength(1);
    });

    it('ends one session or all, and says who did', async () => {
      const { identity, ports } = house;
      const person = await house.person();
      const { account, id } = person.session;
      const other = await house.person();
      expect(await identity.accounts.endSessions(account, OPERATOR, other.session.id)).toBe(0);
      expect(await identity.accounts.endSessions(account, OPERATOR, id)).toBe(1);
      expect(await identity.accounts.endSessions(other.session.account, OPERATOR)).toBe(1);
      const revoked = ports.audited.filter(
        (one) => one.type === 'SESSION_REVOKED' && one.subject === account,
      );
      expect(revoked).toHaveLength(1);
      expect(revoked[0]).toMatchObject({ actor: 'operator', address: OPERATOR.address });
    });

    it('lists newest first by pages, with factors, and takes % and _ for what they are', async () => {
      const { identity } = house;
      const tag = house.email().slice(0, 10);
      for (const i of [1, 2, 3]) {
        // Ids order by the millisecond.
        house.clock.advance(1);
        const given = {
          email: `${tag}_${i}@example.org`,
          name: `N${i}%`,
          password: PASSWORD,
          roles: ['viewer'],
        };
        await identity.accounts.create(given, OPERATOR);
      }
      await identity.accounts.create(
        { email: `${tag}x4@example.org`, name: 'N4', password: PASSWORD, roles: [] },
        OPERATOR,
      );
      const first = await identity.accounts.list({ q: `${tag}_`, limit: 2 });
      expect(first.total).toBe(3);
      expect(first.users.map((user) => user.name)).toEqual(['N3%', 'N2%']);
      const next = await identity.accounts.list({
        q: `${tag}_`,
        limit: 2,
        cursor: first.nextCursor as string,
      });
      expect(next.users.map((user) => user.name)).toEqual(['N1%']);
      expect(next.nextCursor).toBeNull();
      expect((await identity.accounts.list({ q: tag.toUpperCase(), limit: 9 })).total).toBe(4);
      expect((await identity.accounts.list({ q: tag, role: 'viewer', limit: 9 })).total).toBe(3);
      const { person } = await house.enrol(await house.person());
      const found = await identity.accounts.list({ q: person.email, status: 'active', limit: 1 });
      expect(found.users[0]?.factors).toEqual(['totp']);
    });

    it('pages through the sign-in history', async () => {
      const { identity } = house;
      const person = await house.person();
      for (let i = 0; i < 3; i += 1) {
        house.clock.advance(1_000);
        await identity.signIn({ email: person.email, password: PASSWORD }, person.facts);
      }
      const first = await identity.accounts.history(person.session.account, 3);
      expect(first.entries).toHaveLength(3);
      const rest = await identity.accounts.history(person.session.account, 3, first.nextCursor as string);
      expect(rest.entries).toHaveLength(1);
      expect(rest.nextCursor).toBeNull();
    });
  });

  it('forgets links, challenges and old history in time, and nothing before', async () => {
    const { identity, clock } = house;
    const { person } = await house.enrol(await house.person());
    await identity.signIn({ email: person.email, password: PASSWORD }, person.facts);
    await refusalOf(identity.signIn({ email: house.email(), password: PASSWORD }, own()));
    const count = async (table: string): Promise<number> => {
      const { rows } = await sql().query(`SELECT count(*)::int AS n FROM rampart.${table}`);
      return (rows[0] as { n: number }).n;
    };
    const tables = ['identity_links', 'identity_challenges', 'identity_sign_ins'];
    for (const table of tables) expect(await count(table), table).toBeGreaterThan(0);
    const history = await identity.accounts.history(person.session.account, 100);
    await identity.prune(clock.now());
    expect(await identity.accounts.history(person.session.account, 100)).toEqual(history);
    await identity.prune(clock.now() + 100 * 86_400_000);
    for (const table of tables) expect(await count(table), table).toBe(0);
  });
});
