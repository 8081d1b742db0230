import { randomInt } from 'node:crypto';
import { affected, firstRow } from '../../../base/database/index.ts';
import type { Factors } from '../contract.ts';
import type { IdentityPorts } from '../ports.ts';
import { CROCKFORD, readBackupCode } from './code-text.ts';
import { keyedDigest } from './keyed.ts';
import { db, lockAccount } from './query.ts';

/** How many codes are made at once. */
export const BACKUP_CODES = 10;
/** Characters of a code: 16 × 5 bits = 80 bits, above the 64 that NIST SP 800-63B-4 demands of a recovery code. */
export const BACKUP_CHARACTERS = 16;
const GROUP = 4;

/**
 * Codes for the day when the telephone is lost.
 *
 * A code has 80 bits, so that it can be typed from paper. Below 112 bits NIST demands more than a plain hash, because
 * who steals the table could search it. Here the hash is keyed (HMAC-SHA-256) with 256 bits that are not in the
 * database: without the key there is nothing to search, and with it 2^80 trials per account remain, since the account is
 * hashed along. A slow salted hash would protect less against the first and cost ten derivations per guess. At the door
 * guesses are counted by the lockout.
 */
export function createBackupCodes(
  ports: Pick<IdentityPorts, 'clock' | 'secret'>,
): Pick<Factors, 'makeBackupCodes' | 'useBackupCode'> {
  const digest = keyedDigest(ports.secret, 'backup codes');
  return {
    async makeBackupCodes(tx, account) {
      const nowMs = ports.clock.now();
      const codes = Array.from({ length: BACKUP_CODES }, newCode);
      await lockAccount(tx, account);
      await affected(tx, db.deleteFrom('rampart.identity_backup_codes').where('account', '=', account));
      await affected(
        tx,
        db.insertInto('rampart.identity_backup_codes').values(
          codes.map((code) => ({
            code_hash: digest(account, code),
            account,
            created_at_ms: nowMs,
            used_at_ms: null,
          })),
        ),
      );
      return codes.map(grouped);
    },

    async useBackupCode(tx, account, text) {
      const code = readBackupCode(text, BACKUP_CHARACTERS);
      if (code === undefined) return undefined;
      const used = await affected(
        tx,
        db
          .updateTable('rampart.identity_backup_codes')
          .set({ used_at_ms: ports.clock.now() })
          .where('code_hash', '=', digest(account, code))
          .where('account', '=', account)
          .where('used_at_ms', 'is', null),
      );
      if (used !== 1) return undefined;
      const left = await firstRow(
        tx,
        db
          .selectFrom('rampart.identity_backup_codes')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where('account', '=', account)
          .where('used_at_ms', 'is', null),
      );
      return left?.count ?? 0;
    },
  };
}

function newCode(): string {
  let code = '';
  for (let i = 0; i < BACKUP_CHARACTERS; i++) code += CROCKFORD[randomInt(CROCKFORD.length)] as string;
  return code;
}

function grouped(code: string): string {
  return (code.match(new RegExp(`.{${GROUP}}`, 'g')) ?? []).join('-');
}
