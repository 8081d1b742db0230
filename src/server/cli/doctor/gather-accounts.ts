import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { calibrate, readIdentityOptions } from '../../../modules/identity/index.ts';
import type { AccountOptions } from '../../config.ts';
import { type ClockFacts, HASH_TARGET_MS, type HashFacts, type MailFacts } from './accounts.ts';

const BUDGET_MS = 1_200;
const MAIL_LIMIT_MS = 5_000;
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Measures Argon2id: as `calibrate` of the identity module. */
export type Calibrate = (
  targetMs: number,
  ports: { readonly budgetMs: number },
) => Promise<HashFacts['strongest']>;

/** Hashes for about a second, to see what this machine can do. */
export async function gatherHashing(
  identity: AccountOptions,
  measure: Calibrate = calibrate,
): Promise<HashFacts> {
  const { passwords } = readIdentityOptions('identity', { ...identity, publicUrl: 'https://localhost' });
  return { configured: passwords.hash, strongest: await measure(HASH_TARGET_MS, { budgetMs: BUDGET_MS }) };
}

/** Connects, greets and signs in as the server would, and sends nothing. */
export async function gatherMail(smtpUrl: string | undefined): Promise<MailFacts> {
  if (smtpUrl === undefined) return { configured: false, host: '', error: undefined };
  const url = new URL(smtpUrl);
  const secure = url.protocol === 'smtps:';
  const port = url.port === '' ? (secure ? 465 : 587) : Number(url.port);
  const isLocal = LOOPBACK.test(url.hostname);
  const facts = { configured: true, host: `${url.hostname}:${port}` };
  const transport = createTransport({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    secure,
    requireTLS: !secure && !isLocal,
    ignoreTLS: !secure && isLocal,
    ...(url.username === ''
      ? {}
      : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
    tls: { minVersion: 'TLSv1.2' },
    connectionTimeout: MAIL_LIMIT_MS,
    greetingTimeout: MAIL_LIMIT_MS,
    socketTimeout: MAIL_LIMIT_MS,
    dnsTimeout: MAIL_LIMIT_MS,
  });
  try {
    await transport.verify();
    return { ...facts, error: undefined };
  } catch (error) {
    return { ...facts, error: reasonOf(error) };
  } finally {
    transport.close();
  }
}

/** Codes only: the server's own words may repeat the user. */
function reasonOf(error: unknown): string {
  const { code, responseCode, cause } = error as { code?: unknown; responseCode?: unknown; cause?: unknown };
  if (typeof responseCode === 'number') return String(responseCode);
  const inner = (cause as { code?: unknown } | undefined)?.code;
  if (code === 'ESOCKET' && typeof inner === 'string') return inner;
  const known = /\b(E[A-Z]{3,}|CERT_[A-Z_]+|DEPTH_ZERO_[A-Z_]+|SELF_SIGNED_[A-Z_]+)\b/.exec(
    error instanceof Error ? error.message : '',
  );
  if (known?.[1] !== undefined) return known[1];
  return typeof code === 'string' ? code : 'no answer';
}

/** When the newest file right in the data folder was written. */
export function gatherClock(dataDir: string, nowMs: number): ClockFacts {
  try {
    const times = readdirSync(dataDir).map((name) => statSync(join(dataDir, name)).mtimeMs);
    return { nowMs, newestFileMs: times.length === 0 ? undefined : Math.max(...times) };
  } catch {
    return { nowMs, newestFileMs: undefined };
  }
}
