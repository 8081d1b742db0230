import { expect, it } from 'vitest';
import type { BackupCodes, SessionList, SignedIn, TotpEnrolment } from '../../src/server/api/auth-types.ts';
import type { EventsAnswer } from '../../src/server/api/types.ts';
import {
  mailTo,
  newEmail,
  newPerson,
  PASSWORD,
  signIn,
  signUp,
  someAddress,
  tokenIn,
  totpCode,
} from '../attacks/person.ts';
import { onEachColumn, type Stage } from '../attacks/stage.ts';
import { type Got, Visitor } from '../attacks/visitor.ts';
import { eventually } from './server.ts';

const NEXT_PASSWORD = 'nine loud swallows leaving';
const WRONG = 'not the password at all';

onEachColumn('acts on one account at the same moment', (stage) => {
  mailedLinks(stage);
  firstFactor(stage);
  changeAndRefresh(stage);
});

/** So many at once, on both nodes in turn, each from an address of its own. */
function atOnce(stage: Stage, count: number, act: (visitor: Visitor, index: number) => Promise<Got>) {
  const ports = [stage.server().port, stage.other().port];
  return Promise.all(
    Array.from({ length: count }, (_, i) =>
      act(new Visitor(ports[i % 2] as number, { address: someAddress() }), i),
    ),
  );
}

/** How often each status came. */
function tally(answers: readonly Got[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

async function eventsAbout(stage: Stage, type: string, subject: string): Promise<number> {
  const { body } = await stage.server().ask<EventsAnswer>('GET', `/admin/events?limit=200&type=${type}`);
  return body.events.filter((one) => one.subject === subject).length;
}

function mailedLinks(stage: Stage): void {
  it('A31: one verification link, used fifty times at once, makes one account', async () => {
    const email = newEmail('verify');
    const asked = await new Visitor(stage.server().port, { address: someAddress() }).post('/auth/sign-up', {
      email,
      password: PASSWORD,
      name: 'Ada',
    });
    expect(asked.status).toBe(202);
    const token = tokenIn(await mailTo(stage.server(), email, 'verify-email'));
    const answers = await atOnce(stage, 50, (visitor) => visitor.post('/auth/email/verify', { token }));
    expect(tally(answers)).toEqual({ 200: 1, 400: 49 });
    expect(answers.filter(({ code }) => code === 'LINK_INVALID')).toHaveLength(49);
    const { status, body } = await signIn(new Visitor(stage.other().port), email);
    expect(status).toBe(200);
    expect(await eventsAbout(stage, 'SIGNED_UP', (body as SignedIn).user.id)).toBe(1);
  });

  it('A31: one unlock link, used fifty times at once, unlocks once, and what it lifts is lifted', async () => {
    const { email, id } = await newPerson(stage.server());
    // Of different clients, so that the account as a whole is delayed.
    for (let i = 0; i < 40; i++) {
      const guesser = new Visitor(stage.server().port, { address: someAddress() });
      if ((await signIn(guesser, email, `${WRONG} ${i}`)).status === 429) break;
    }
    const owner = (): Visitor => new Visitor(stage.other().port, { address: someAddress() });
    expect((await signIn(owner(), email)).status).toBe(429);
    const token = tokenIn(await mailTo(stage.server(), email, 'unlock'));
    const answers = await atOnce(stage, 50, (visitor) => visitor.post('/auth/unlock', { token }));
    expect(tally(answers)).toEqual({ 204: 1, 400: 49 });
    expect((await signIn(owner(), email)).status).toBe(200);
    expect(await eventsAbout(stage, 'ACCOUNT_UNLOCKED', id)).toBe(1);
  });
}

function firstFactor(stage: Stage): void {
  it('A38: an authenticator that is confirmed fifty times at once counts once, with one set of codes', async () => {
    const { visitor, id } = await newPerson(stage.server());
    const { body } = await visitor.post<TotpEnrolment>('/auth/mfa/totp/enrol');
    const code = await totpCode(body.secret, -1);
    const ports = [stage.server().port, stage.other().port];
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        visitor.clone(ports[i % 2]).post<BackupCodes & Partial<SignedIn>>('/auth/mfa/totp/confirm', { code }),
      ),
    );
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    expect(won[0]?.body.backupCodes).toHaveLength(10);
    expect(await eventsAbout(stage, 'MFA_ENABLED', id)).toBe(1);
  });
}

function changeAndRefresh(stage: Stage): void {
  it('A10: no session of the old password survives a change that meets refreshes and sign-ins', async () => {
    const { email } = await signUp(stage.server());
    const api = (address = someAddress()): Visitor =>
      new Visitor(stage.server().port, { api: true, address });
    const owner = api();
    expect((await signIn(owner, email)).status).toBe(200);
    // Five of the past, each of which refreshes while the password changes; five that sign in meanwhile.
    const older = Array.from({ length: 5 }, () => api());
    for (const one of older) expect((await signIn(one, email)).status).toBe(200);
    const late = Array.from({ length: 5 }, () => api());
    const [changed] = await Promise.all([
      owner.post<SignedIn>('/auth/password/change', {
        currentPassword: PASSWORD,
        newPassword: NEXT_PASSWORD,
      }),
      ...older.map(async (one, i) => {
        const port = i % 2 === 0 ? stage.server().port : stage.other().port;
        const there = one.clone(port);
        const got = await there.post<SignedIn>('/auth/refresh', { refreshToken: one.refreshToken });
        expect(got.status).toBeLessThan(500);
        if (got.status === 200) one.take(got.body);
      }),
      ...late.map(async (one) => expect((await signIn(one, email)).status).toBeLessThan(500)),
    ]);
    expect(changed.status).toBe(200);
    owner.take(changed.body);
    for (const one of [...older, ...late]) {
      await eventually(
        () => one.get('/auth/session'),
        ({ status }) => status === 401,
        2_000,
      );
      if (one.refreshToken === undefined) continue;
      expect((await one.post('/auth/refresh', { refreshToken: one.refreshToken })).status).toBe(401);
    }
    const { body } = await owner.get<SessionList>('/auth/sessions');
    expect(body.sessions.map(({ current }) => current)).toEqual([true]);
    expect((await signIn(api(), email)).status).toBe(401);
    expect((await signIn(api(), email, NEXT_PASSWORD)).status).toBe(200);
  });
}
