import { describe, expect, it } from 'vitest';
import { eventually, type Running } from '../scenarios/server.ts';
import { enrolTotp, newPerson, secondStep, signIn, someAddress, toSecondStep, totpCode } from './person.ts';
import { onEachColumn, type Stage } from './stage.ts';
import { Visitor } from './visitor.ts';

onEachColumn('blocks of people', (stage) => {
  users(stage);
  sessions(stage);
  devices(stage);
  operators(stage);
});

interface Made {
  readonly id: string;
  readonly target: string;
}

async function block(server: Running, target: string): Promise<Made> {
  const given = { target, minutes: 5, reason: 'of a test' };
  const { status, body } = await server.ask<Made>('POST', '/admin/blocks', given);
  if (status !== 201) throw new Error(`the block answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

async function lift(server: Running, { id }: Made): Promise<void> {
  expect((await server.ask('DELETE', `/admin/blocks/${id}`)).status).toBe(204);
}

const codeOf = async (visitor: Visitor, path = '/auth/sessions'): Promise<string> => {
  const { status, code } = await visitor.get(path);
  return `${status} ${code ?? ''}`.trim();
};
/** On the other node a change is there within a second. */
const becomes = (visitor: Visitor, wanted: string, path?: string): Promise<string> =>
  eventually(
    () => codeOf(visitor, path),
    (got) => got === wanted,
    1_000,
  );

function users(stage: Stage): void {
  describe('a blocked user', () => {
    it('is refused at once with cookie and token, on every path and node, and cannot sign in', async () => {
      const { visitor, email, id } = await newPerson(stage.server(), { address: someAddress() });
      const program = new Visitor(stage.server().port, { api: true, address: someAddress() });
      expect((await signIn(program, email)).status).toBe(200);
      const bystander = await newPerson(stage.server(), { address: someAddress() });
      const elsewhere = visitor.clone(stage.other().port);
      expect([await codeOf(visitor), await codeOf(program), await codeOf(elsewhere)]).toEqual([
        '200',
        '200',
        '200',
      ]);

      const made = await block(stage.server(), `user:${id}`);
      expect(await codeOf(visitor)).toBe('403 BLOCKED');
      expect(await codeOf(program)).toBe('403 BLOCKED');
      expect(await codeOf(visitor, '/livez')).toBe('403 BLOCKED');
      await becomes(elsewhere, '403 BLOCKED');
      expect(await codeOf(bystander.visitor)).toBe('200');

      for (const node of [stage.server(), stage.other()]) {
        const stranger = new Visitor(node.port, { address: someAddress() });
        const refused = await signIn(stranger, email);
        const unknown = await signIn(new Visitor(node.port, { address: someAddress() }), `no-${email}`);
        expect([refused.status, refused.code]).toEqual([401, 'INVALID_CREDENTIALS']);
        expect([unknown.status, unknown.code]).toEqual([refused.status, refused.code]);
      }
      await lift(stage.server(), made);
      expect(await codeOf(visitor)).toBe('200');
      await becomes(elsewhere, '200');
    });

    it('is told nothing that tells it from a blocked address', async () => {
      const { visitor, id } = await newPerson(stage.server(), { address: someAddress() });
      const address = someAddress();
      const made = [await block(stage.server(), `user:${id}`), await block(stage.server(), address)];
      const answers = await Promise.all(
        [visitor, new Visitor(stage.server().port, { address })].map((one) => one.get('/auth/sessions')),
      );
      const [byUser, byAddress] = answers.map(({ status, headers, text }) => ({
        status,
        names: Object.keys(headers).toSorted(),
        text: text
          .replaceAll(/dec_\w+|req_\w+|[0-9a-f-]{36}/g, 'ID')
          .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'AT'),
      }));
      expect(byUser?.text).not.toMatch(/user|account|acc_|test/);
      expect(byUser).toEqual(byAddress);
      for (const one of made) await lift(stage.server(), one);
    });
  });
}

function sessions(stage: Stage): void {
  describe('a blocked session', () => {
    it('is refused, and the other sessions of its owner are not', async () => {
      const { visitor, email } = await newPerson(stage.server(), { address: someAddress() });
      const second = new Visitor(stage.server().port, { address: someAddress() });
      expect((await signIn(second, email)).status).toBe(200);
      const { body } = await second.get<{ sessions: readonly { id: string; current: boolean }[] }>(
        '/auth/sessions',
      );
      const id = body.sessions.find(({ current }) => current)?.id;
      const made = await block(stage.server(), `session:${id}`);
      expect(await codeOf(second)).toBe('403 BLOCKED');
      expect(await codeOf(visitor)).toBe('200');
      const preview = await stage
        .server()
        .ask<{ kind: string; note: string | null }>('POST', '/admin/blocks/preview', {
          target: `session:${id}`,
        });
      expect(preview.body).toMatchObject({ kind: 'session', note: null });
      await lift(stage.server(), made);
      expect(await codeOf(second)).toBe('200');
    });
  });
}

function devices(stage: Stage): void {
  describe('a blocked device', () => {
    it('is refused whoever uses it, before it signs in too; a forged or missing cookie gains nothing', async () => {
      const { visitor, email } = await newPerson(stage.server(), { address: someAddress() });
      const [name, cookie] = [...visitor.cookies].find(([one]) => one.includes('device')) as [string, string];
      const id = cookie.split('.')[1];
      const made = await block(stage.server(), `device:${id}`);
      expect(await codeOf(visitor)).toBe('403 BLOCKED');
      const bare = new Visitor(stage.server().port, { address: someAddress() });
      bare.cookies.set(name, cookie);
      const tried = await bare.post('/auth/sign-in', { email, password: 'whatever it may be' });
      expect([tried.status, tried.code]).toEqual([403, 'BLOCKED']);
      // Its session stays of that device, whatever cookie comes along.
      visitor.cookies.delete(name);
      expect(await codeOf(visitor)).toBe('403 BLOCKED');
      // Nobody can make somebody else appear as that device.
      // Not the last character: some of its bits are none of the signature's.
      const forged = cookie.replace(/.(?=.$)/, (one) => (one === 'A' ? 'B' : 'A'));
      bare.cookies.set(name, forged);
      expect(await codeOf(bare, '/livez')).toBe('200');
      await lift(stage.server(), made);
      expect(await codeOf(visitor)).toBe('200');
    });
  });
}

function operators(stage: Stage): void {
  describe('an analyst of the console', () => {
    it('cannot block themselves in any way, nor an administrator', async () => {
      const server = stage.server();
      const boss = await newPerson(server, { address: someAddress() });
      await server.ask('POST', `/admin/users/${boss.id}/roles`, { roles: ['administrator'] });
      const address = someAddress();
      const { email, id } = await newPerson(server, { address });
      const roles = await server.ask('POST', `/admin/users/${id}/roles`, { roles: ['analyst'] });
      expect(roles.status).toBe(200);
      const analyst = new Visitor(server.port, { address });
      expect((await signIn(analyst, email)).status).toBe(200);
      const { secret } = await enrolTotp(analyst);
      const again = new Visitor(server.port, { address });
      const { challenge } = await toSecondStep(again, email);
      expect((await secondStep(again, challenge, await totpCode(secret, 0))).status).toBe(200);
      const session = await again.get<{ csrfToken: string }>('/admin/session');
      const csrf = { 'x-rampart-csrf': session.body.csrfToken };
      const own = await again.get<{ sessions: readonly { id: string; current: boolean }[] }>(
        '/auth/sessions',
      );
      const device = [...again.cookies].find(([one]) => one.includes('device'))?.[1].split('.')[1];
      const codes: string[] = [];
      for (const target of [
        `user:${id}`,
        `session:${own.body.sessions.find(({ current }) => current)?.id}`,
        `device:${device}`,
        address,
        `user:${boss.id}`,
      ]) {
        const { status, body } = await again.post<{ error: { details?: readonly { code: string }[] } }>(
          '/admin/blocks',
          { target, minutes: 5, reason: 'x' },
          csrf,
        );
        codes.push(`${status} ${body.error.details?.[0]?.code}`);
      }
      expect(codes).toEqual([
        '400 OWN_ACCOUNT',
        '400 OWN_ACCOUNT',
        '400 OWN_ACCOUNT',
        '400 OWN_ADDRESS',
        '400 MORE_POWER',
      ]);
      expect(await codeOf(again)).toBe('200');
    });
  });
}
