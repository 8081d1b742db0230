import { createHmac } from 'node:crypto';
import { atOnce } from './repeated.ts';
import type { Part, Stage } from './stage.ts';
import type { Survey } from './survey.ts';

/** Headers of an application that signs people in. */
export const ACCOUNT_APP = {
  'user-agent': 'orders-app/3.1',
  accept: 'application/json',
  'x-rampart-client': 'api',
} as const;
const PASSWORD = 'seven quiet herons walking';
/** A used refresh token is taken for a tab that asks at once for as long. */
const GRACE_MS = 10_500;
const STEP_MS = 30_000;

interface Mails {
  readonly messages: readonly { readonly to: string; readonly kind: string; readonly text: string }[];
}
interface Tokens {
  readonly accessToken?: string;
  readonly refreshToken?: string;
}

/** Why no account can be made, or `undefined`. */
export function lacksAccounts(survey: Survey): string | undefined {
  if (!survey.has('POST', '/auth/sign-up')) return 'the server has no accounts';
  return survey.operator !== undefined && survey.hasMailbox
    ? undefined
    : 'it needs the data folder of the server (RAMPART_DATA_DIR), and a server that keeps mails in its mailbox';
}

async function post<T>(stage: Stage, path: string, body: unknown, token?: string, as?: string): Promise<T> {
  const { text } = await stage.ask({
    method: 'POST',
    ...(as === undefined ? {} : { as }),
    path,
    headers: {
      ...ACCOUNT_APP,
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  return read(text) as T;
}

function read(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return {};
  }
}

/** An account that the attack is upon, made as its owner would. */
export async function victim(stage: Stage): Promise<string> {
  const email = `victim.${stage.chance.word(10)}@example.org`;
  await post(stage, '/auth/sign-up', { email, password: PASSWORD, name: 'Vic' });
  for (;;) {
    await stage.pause(200, 300);
    const headers = { ...ACCOUNT_APP, authorization: stage.survey.operator as string };
    const { text } = await stage.ask({ path: '/admin/mailbox', headers });
    const mail = (read(text) as Partial<Mails>).messages?.find(
      ({ to, kind }) => to === email && kind === 'verify-email',
    );
    const token = /#token=([A-Za-z0-9_-]+)/.exec(mail?.text ?? '')?.[1];
    if (token === undefined) continue;
    await post(stage, '/auth/email/verify', { token });
    return email;
  }
}

/** The right password of `victim`. @param as address to speak from */
export const signIn = (stage: Stage, email: string, as?: string): Promise<Tokens> =>
  post<Tokens>(stage, '/auth/sign-in', { email, password: PASSWORD }, undefined, as);

/** A refresh token is used by its owner, and later by who copied it. */
const refreshReuse: Part = {
  kind: 'refresh reuse',
  atFirst: true,
  lacks: lacksAccounts,
  expects: ['refresh_reuse'],
  async act(stage) {
    for (;;) {
      const email = await victim(stage);
      const { refreshToken } = await signIn(stage, email);
      await post(stage, '/auth/refresh', { refreshToken });
      await stage.pause(GRACE_MS, GRACE_MS + 200);
      stage.begins();
      await post(stage, '/auth/refresh', { refreshToken });
      await stage.pause(60_000, 90_000);
    }
  },
};

/** Who has the password asks for the second step until its owner says yes. */
const mfaFatigue: Part = {
  kind: 'MFA fatigue',
  atFirst: true,
  lacks: lacksAccounts,
  expects: ['mfa_fatigue', 'second_factor_guessing', 'factor_disabled'],
  async act(stage) {
    const email = await victim(stage);
    const { accessToken } = await signIn(stage, email);
    const { secret } = await post<{ secret?: string }>(stage, '/auth/mfa/totp/enrol', {}, accessToken);
    await post(stage, '/auth/mfa/totp/confirm', { code: totp(secret ?? '', Date.now()) }, accessToken);
    stage.begins();
    for (;;) {
      await atOnce(() => signIn(stage, email));
      await stage.pause(50, 120);
    }
  },
};

/** RFC 6238: six digits of HMAC-SHA-1 over the half minute. */
function totp(secret: string, nowMs: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = Array.from(secret, (one) => alphabet.indexOf(one).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(nowMs / STEP_MS)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = (digest.at(-1) as number) & 15;
  return String((digest.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

/** Attacks with what was stolen of an account. */
export const THIEVES: readonly Part[] = [refreshReuse, mfaFatigue];
