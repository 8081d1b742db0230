import { sqlBuilder } from '../../../base/database/index.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { AccountRow } from '../tables/accounts.ts';
import type {
  BackupCodeRow,
  CodeRow,
  CodeSendRow,
  PasskeyChallengeRow,
  PasskeyRow,
  PhoneRow,
  TotpRow,
} from '../tables/factor.ts';

/** Tables that this part reads or writes; of the accounts it only reads. */
interface Tables {
  'rampart.identity_accounts': AccountRow;
  'rampart.identity_totp': TotpRow;
  'rampart.identity_backup_codes': BackupCodeRow;
  'rampart.identity_phones': PhoneRow;
  'rampart.identity_codes': CodeRow;
  'rampart.identity_code_sends': CodeSendRow;
  'rampart.identity_passkeys': PasskeyRow;
  'rampart.identity_passkey_challenges': PasskeyChallengeRow;
}

/** Builds statements over them. */
export const db = sqlBuilder<Tables>();

/**
 * Lets one transaction at a time change what belongs to an account as a whole: without it two that replace the backup
 * codes at once would both insert theirs.
 */
export async function lockAccount(tx: SqlRunner, account: string): Promise<void> {
  await tx.query('SELECT 1 FROM rampart.identity_accounts WHERE id = $1 FOR UPDATE', [account]);
}
