import { ConflictError } from '../../../core/errors.ts';
import type { IdentityTransaction } from '../ports.ts';
import type { Kit } from './kit.ts';

/**
 * Refuses an act after which nobody could administer any more. Holds the rows of all active administrators, in the order
 * of their ids, until the transaction ends: of two who lock each other at the same moment one remains.
 * @param account whom the act takes from the active administrators; call it before that row is held otherwise
 * @throws ConflictError
 */
export async function keepOneAdministrator(
  kit: Kit,
  tx: IdentityTransaction,
  account: string,
): Promise<void> {
  const found = await tx.query(
    `SELECT id FROM rampart.identity_accounts
     WHERE status = 'active' AND roles && $1::text[] ORDER BY id FOR UPDATE`,
    [kit.settings.roles.administrators],
  );
  const ids = found.rows.map((row) => row['id']);
  if (ids.length === 1 && ids[0] === account) {
    throw new ConflictError('This is the last administrator. Make somebody else one first.');
  }
}
