import { OptionsError } from '../core/errors.ts';
import { readTls } from '../stores/postgres/tls.ts';
import type { ServerEnvironment } from './environment.ts';

/** Something with which production is not started. */
export interface ProductionFault {
  /** Variable, such as `DATABASE_URL`. */
  readonly path: string;
  readonly reason: string;
  readonly remedy: string;
}

type Facts = Pick<
  ServerEnvironment,
  'production' | 'secret' | 'databaseUrl' | 'redisUrl' | 'nodes' | 'trustsAnyCertificate'
>;

/** What stands in the way of production; empty elsewhere. Pure, so that the start and the doctor say the same. */
export function productionFaults(facts: Facts): readonly ProductionFault[] {
  if (!facts.production) return [];
  const { secret, databaseUrl, redisUrl, nodes } = facts;
  const faults: ProductionFault[] = [];
  const add = (path: string, reason: string, remedy: string): void =>
    void faults.push({ path, reason, remedy });
  if (secret !== undefined && isGuessable(secret))
    add(
      'RAMPART_SECRET',
      'it can be guessed: a word of examples, or too few different characters',
      'Make one with: openssl rand -base64 32',
    );
  if (facts.trustsAnyCertificate)
    add(
      'NODE_TLS_REJECT_UNAUTHORIZED',
      'it is 0: no certificate is verified, whoever stands in the way reads everything',
      'Leave it out; name private authorities in NODE_EXTRA_CA_CERTS.',
    );
  const tls = databaseUrl === undefined ? undefined : readTls(databaseUrl);
  if (tls !== undefined && !tls.local && tls.mode !== 'verify')
    add(
      'DATABASE_URL',
      tls.mode === 'off'
        ? 'it leaves this machine in the clear'
        : 'it trusts whoever answers: the certificate is not verified',
      'Use sslmode=verify-full, with sslrootcert where a private authority signed the certificate.',
    );
  if (nodes > 1 && redisUrl === undefined)
    add(
      'REDIS_URL',
      `RAMPART_NODES says ${nodes}, and without Redis each node counts for itself: every limit would be ${nodes} times what it says`,
      'Set REDIS_URL to a Redis or Valkey server that all nodes share.',
    );
  if (nodes > 1 && databaseUrl === undefined)
    add(
      'DATABASE_URL',
      `RAMPART_NODES says ${nodes}, and the embedded database belongs to one node`,
      'Set DATABASE_URL to a PostgreSQL server that all nodes share.',
    );
  return faults;
}

/** @throws OptionsError for the first fault, with its remedy */
export function refuseFaults(facts: Facts): void {
  const [first] = productionFaults(facts);
  if (first) throw new OptionsError(first.path, `${first.reason}. ${first.remedy}`);
}

const WORDS =
  /change.?me|placeholder|example|default|password|passw0rd|secret|your[-_ ]|rampart|qwerty|letmein|insert|replace|0123456789|1234567890|abcdefghij/i;
const LEAST_DIFFERENT = 12;
const LONGEST_WORDS = 64;

/**
 * Whether people made the secret up. Random texts hold such words about once in a million; of 32 random hexadecimal
 * digits fewer than 12 differ once in a hundred, so those are counted by pairs.
 */
function isGuessable(secret: string): boolean {
  if (secret.length <= LONGEST_WORDS && WORDS.test(secret)) return true;
  const pieces = /^[0-9a-f]+$/i.test(secret) ? (secret.match(/../g) ?? []) : secret.split('');
  return new Set(pieces).size < LEAST_DIFFERENT;
}
