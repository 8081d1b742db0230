import { beforeEach, describe, expect, it } from 'vitest';
import { AppError, ConflictError } from '../../src/core/errors.ts';
import type { Mailbox, MailboxEntry } from '../../src/modules/identity/index.ts';
import { csrfTokenOfAccount } from '../../src/server/api/caller.ts';
import type { UserAnswer } from '../../src/server/api/user-types.ts';
import type { Stores } from '../../src/server/data/index.ts';
import { ADA, AuthHouse } from './auth-house.ts';
import { errorOf, House, OPERATOR_KEY } from './house.ts';

const ONE = `/admin/users/${ADA}`;
/** What is done to an account, and by which function. */
const ACTS = [
  ['POST', '/admin/users', { email: 'bob@example.org', roles: ['viewer'] }, 'accounts.invite'],
  ['POST', `${ONE}/lock`, { reason: 'Left the company.', hours: 2 }, 'accounts.lock'],
  ['POST', `${ONE}/unlock`, undefined, 'accounts.unlock'],
  ['POST', `${ONE}/require-reset`, {}, 'accounts.requireReset'],
  ['POST', `${ONE}/reset-factors`, {}, 'accounts.resetFactors'],
  ['POST', `${ONE}/end-sessions`, {}, 'accounts.endSessions'],
  ['POST', `${ONE}/roles`, { roles: ['viewer', 'viewer', 'analyst'] }, 'accounts.setRoles'],
  ['DELETE', `${ONE}/sessions/ses_x`, undefined, 'accounts.endSessions'],
] as const;

/** Accounts as administrators manage them. */
export function userSuite(stores: () => Stores): void {
  let auth: AuthHouse;
  beforeEach(() => {
    auth = new AuthHouse(stores());
  });
  /** Somebody of a role of the console, with two factors. */
  const as = (role: string): Readonly<Record<string, string>> => {
    const { cookie, state } = auth.session({ roles: [role], aal: 2, account: `acc_of_the_${role}` });
    const csrf = csrfTokenOfAccount(auth.house.ports.facts.secret, state.id);
    return { cookie, 'x-rampart-csrf': csrf };
  };
  const changes = (): readonly string[] =>
    auth.asked.filter((name) => ACTS.some(([, , , asked]) => asked === name));

  it('are listed for a viewer, by filters that are checked', async () => {
    const viewer = as('viewer');
    const path = '/admin/users?q=ada&status=active&role=customer&cursor=acc_1&limit=7';
    const response = await auth.send('GET', path, undefined, viewer);
    expect(await response.json()).toEqual({
      users: [
        {
          id: ADA,
          email: 'ada@example.org',
          name: 'Ada',
          status: 'active',
          roles: ['customer'],
          factors: ['totp'],
          createdAtMs: 1,
          lastSignInAtMs: null,
        },
      ],
      nextCursor: null,
      total: 1,
    });
    expect(auth.calls.at(-1)?.args).toEqual([
      { q: 'ada', status: 'active', role: 'customer', cursor: 'acc_1', limit: 7 },
    ]);
    await auth.send('GET', '/admin/users', undefined, viewer);
    expect(auth.calls.at(-1)?.args).toEqual([{ limit: 50 }]);
    for (const query of [
      'status=admin',
      'limit=1000',
      'limit=x',
      'role=%25',
      'cursor=%27',
      'x=1',
      'q=a&q=b',
    ]) {
      expect([query, (await auth.send('GET', `/admin/users?${query}`, undefined, viewer)).status]).toEqual([
        query,
        400,
      ]);
    }
  });

  it('are shown with everything but secrets (A42)', async () => {
    await stores().sql.script(`INSERT INTO rampart.events
      (id, type, severity, class, at_ms, node, about, actor, subject, details) VALUES
      ('evt_1', 'ACCOUNT_LOCKED', 'HIGH', 'audit', 5, 'n', 'a', 'acc_other', '${ADA}', '{}'),
      ('evt_2', 'SIGNED_OUT', 'LOW', 'audit', 6, 'n', 'a', '${ADA}', '${ADA}', '{}'),
      ('evt_3', 'SIGNED_OUT', 'LOW', 'audit', 7, 'n', 'a', 'user:${ADA}', null, '{}'),
      ('evt_4', 'SIGNED_OUT', 'LOW', 'audit', 8, 'n', 'a', 'acc_other', 'acc_other', '{}')`);
    const response = await auth.send('GET', ONE, undefined, as('viewer'));
    const text = await response.text();
    const answer = JSON.parse(text) as UserAnswer;
    expect(answer.user).toMatchObject({ id: ADA, factors: ['sms', 'backup'], mustReset: false });
    expect(answer.factors).toMatchObject({ sms: { phoneHint: '•••• 78' }, backupCodes: { left: 9 } });
    expect(answer.events.map((one) => [one.id, one.atMs])).toEqual([
      ['evt_3', 7],
      ['evt_2', 6],
      ['evt_1', 5],
    ]);
    for (const secret of ['argon2id', 'handle-of-the-row', '4915112345678'])
      expect(text).not.toContain(secret);
    await stores().sql.script('TRUNCATE rampart.events');
  });

  it('that are not there answer 404', async () => {
    expect((await auth.send('GET', '/admin/users/acc_none', undefined, as('viewer'))).status).toBe(404);
    for (const name of ['lock', 'unlock', 'requireReset', 'resetFactors', 'setRoles']) {
      auth.answers[`accounts.${name}`] = false;
    }
    auth.answers['accounts.endSessions'] = 0;
    const admin = as('administrator');
    for (const [method, path, body] of ACTS.slice(1).filter(([, path]) => !path.endsWith('end-sessions'))) {
      expect([path, (await auth.send(method, path, body, admin)).status]).toEqual([path, 404]);
    }
  });

  describe('every act', () => {
    it('is refused to viewers, analysts, customers, and administrators without a second factor', async () => {
      const oneFactor = auth.session({ roles: ['administrator'], aal: 1 });
      const callers = [as('viewer'), as('analyst'), as('customer'), { cookie: oneFactor.cookie }];
      for (const [method, path, body] of ACTS) {
        for (const headers of callers) {
          expect([path, (await auth.send(method, path, body, headers)).status]).toEqual([path, 403]);
        }
      }
      expect(changes()).toEqual([]);
    });

    it('needs the token of the session beside its cookie (A18)', async () => {
      const { cookie } = as('administrator');
      for (const [method, path, body] of ACTS) {
        for (const csrf of [{}, { 'x-rampart-csrf': as('administrator')['x-rampart-csrf'] as string }]) {
          const headers = { cookie: cookie as string, ...csrf };
          expect([path, (await auth.send(method, path, body, headers)).status]).toEqual([path, 403]);
        }
      }
      expect(changes()).toEqual([]);
    });

    it('needs a second factor that was proven within ten minutes (36)', async () => {
      auth.answers['requireFresh'] = new AppError('Prove again that it is you.', 401, 'FRESH_AUTH_REQUIRED', {
        details: { factors: ['totp'], withinSeconds: 600 },
      });
      const admin = as('administrator');
      for (const [method, path, body] of ACTS) {
        const { code, details } = await errorOf(await auth.send(method, path, body, admin));
        expect([path, code, details]).toEqual([
          path,
          'FRESH_AUTH_REQUIRED',
          { factors: ['totp'], withinSeconds: 600 },
        ]);
        expect(auth.calls.at(-1)?.args[1]).toEqual({ withinMs: 600_000, factor: 'second', aal: 2 });
      }
      expect(changes()).toEqual([]);
    });

    it('is done for a fresh administrator, who stands in the audit trail, and answers with the account', async () => {
      const admin = as('administrator');
      for (const [method, path, body, asked] of ACTS) {
        const response = await auth.send(method, path, body, admin);
        expect([path, response.status]).toEqual([path, path === '/admin/users' ? 201 : 200]);
        expect(((await response.json()) as UserAnswer).user.id).toBe(ADA);
        const call = auth.calls.findLast((one) => one.name === asked);
        expect(call?.args).toContainEqual({ id: 'user:acc_of_the_administrator', address: '192.0.2.10' });
      }
      const roles = auth.calls.find((one) => one.name === 'accounts.setRoles');
      expect(roles?.args.slice(0, 2)).toEqual([ADA, ['viewer', 'analyst']]);
      expect(auth.calls.find((one) => one.name === 'accounts.lock')?.args[1]).toEqual({
        reason: 'Left the company.',
        hours: 2,
      });
    });

    it('is open to the operator key and to set-up links, by which a lost second factor is mended', async () => {
      const link = await auth.house.signIn('grace');
      for (const [method, path, body, asked] of ACTS) {
        expect((await auth.house.operator(method, path, body)).status).toBeLessThan(300);
        const call = auth.calls.findLast((one) => one.name === asked);
        expect(call?.args).toContainEqual({ id: 'operator', address: '192.0.2.10' });
        expect((await link.send(method, path, body)).status).toBeLessThan(300);
      }
      expect(auth.asked).not.toContain('requireFresh');
    });

    it('says what it conflicts with: the last administrator stays one', async () => {
      auth.answers['accounts.setRoles'] = new ConflictError('There must be an active administrator.');
      const response = await auth.send('POST', `${ONE}/roles`, { roles: [] }, as('administrator'));
      expect([response.status, (await errorOf(response)).code]).toEqual([409, 'CONFLICT']);
    });

    it('takes nothing that it does not name (A34)', async () => {
      const admin = as('administrator');
      for (const [path, body] of [
        ['/admin/users', { email: 'bob@example.org', roles: [], password: 'chosen by somebody else' }],
        ['/admin/users', { email: 'bob@example.org, eve@example.org', roles: [] }],
        ['/admin/users', { email: 'bob@example.org' }],
        [`${ONE}/lock`, { reason: '' }],
        [`${ONE}/lock`, { reason: 'x', hours: -1 }],
        [`${ONE}/lock`, { reason: 'x', status: 'deleted' }],
        [`${ONE}/roles`, { roles: ['Admin; DROP'] }],
        [`${ONE}/roles`, { roles: Array.from({ length: 21 }, (_, i) => `role${i}`) }],
      ] as const) {
        expect([path, body, (await auth.send('POST', path, body, admin)).status]).toEqual([path, body, 400]);
      }
      expect(changes()).toEqual([]);
    });
  });
}

/** Mails that were kept instead of being sent. */
export function mailboxSuite(stores: () => Stores): void {
  const kept: MailboxEntry = {
    id: 'msg_1',
    channel: 'mail',
    to: 'ada@example.org',
    subject: 'Hello',
    text: 'A link.',
    html: '<p>A link.</p>',
    kind: 'verify-email',
    atMs: 1,
  };
  const operator = { authorization: `Bearer ${OPERATOR_KEY}` };

  it('are read a page at a time, and emptied', async () => {
    const asked: unknown[] = [];
    const mailbox: Mailbox = {
      list: (query) => {
        asked.push(query);
        return Promise.resolve({ messages: [kept], nextCursor: 'msg_1' });
      },
      empty: () => Promise.resolve(asked.push('empty')),
    };
    const house = new House(stores(), { ports: { mailbox } });
    const response = await house.fetch('/admin/mailbox?cursor=msg_9', { headers: operator });
    expect(await response.json()).toEqual({ messages: [kept], nextCursor: 'msg_1' });
    expect((await house.fetch('/admin/mailbox', { method: 'DELETE', headers: operator })).status).toBe(204);
    expect(asked).toEqual([{ limit: 50, cursor: 'msg_9' }, 'empty']);
  });

  it('are for administrators alone: links and codes of everybody stand in them', async () => {
    const auth = new AuthHouse(stores());
    for (const role of ['viewer', 'analyst', 'customer']) {
      const { cookie } = auth.session({ roles: [role], aal: 2 });
      expect((await auth.send('GET', '/admin/mailbox', undefined, { cookie })).status).toBe(403);
    }
    expect((await auth.send('GET', '/admin/mailbox')).status).toBe(401);
  });

  it('are not there where mails go out', async () => {
    const house = new House(stores());
    expect((await house.fetch('/admin/mailbox', { headers: operator })).status).toBe(404);
    expect((await house.fetch('/admin/mailbox', { method: 'DELETE', headers: operator })).status).toBe(404);
  });
}
