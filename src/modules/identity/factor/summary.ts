import { affected, firstRow, rows } from '../../../base/database/index.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { FactorKind, Factors, FactorSummary } from '../contract.ts';
import type { BackupCodeRow, PhoneRow, TotpRow } from '../tables/factor.ts';
import { forgetCodes } from './code-store.ts';
import type { FactorSettings } from './options.ts';
import { passkeysOf, viewOf } from './passkeys.ts';
import type { FactorPorts } from './ports.ts';
import { db } from './query.ts';

/** What an account has, and taking it away. */
export function createSummary(
  settings: FactorSettings,
  ports: FactorPorts,
): Pick<Factors, 'summary' | 'remove' | 'removeAll'> {
  return {
    async summary(account) {
      const none: readonly FactorKind[] = [];
      const [totp, phone, codes, passkeys, disabled] = await Promise.all([
        totpOf(ports.sql, account),
        phoneOf(ports.sql, account),
        backupCodesOf(ports.sql, account),
        passkeysOf(ports.sql, account),
        ports.disabledOf?.(account) ?? none,
      ]);
      const found = {
        totp: totp ? totpView(totp, disabled.includes('totp')) : null,
        sms: phone ? { id: phone.id, phone: phone.phone, disabled: disabled.includes('sms') } : null,
        backupCodes: backupView(codes),
        passkeys: passkeys.map(viewOf),
      };
      return { ...found, usable: usableOf(found, disabled, settings.emailAsFactor) };
    },

    async remove(tx, account, kind) {
      const removed = await removeKind(tx, account, kind);
      return removed > 0;
    },

    async removeAll(tx, account) {
      for (const kind of ['totp', 'sms', 'passkey', 'backup'] as const) await removeKind(tx, account, kind);
      await forgetCodes(tx, account, 'email');
    },
  };
}

/**
 * What may finish a sign-in, strongest first. Backup codes stand in for another factor: alone they are none, and they
 * stay when the other one was tried wrongly too often. A code by mail counts only where the options say so.
 */
export function usableOf(
  has: Omit<FactorSummary, 'usable'>,
  disabled: readonly FactorKind[],
  emailAsFactor: boolean,
): readonly FactorKind[] {
  const usable: FactorKind[] = [];
  if (has.passkeys.length > 0) usable.push('passkey');
  if (has.totp !== null) usable.push('totp');
  if (has.sms !== null) usable.push('sms');
  if (usable.length > 0 && (has.backupCodes?.left ?? 0) > 0) usable.push('backup');
  if (emailAsFactor) usable.push('email');
  return usable.filter((kind) => !disabled.includes(kind));
}

function totpOf(sql: SqlRunner, account: string): Promise<TotpRow | undefined> {
  return firstRow(
    sql,
    db
      .selectFrom('rampart.identity_totp')
      .selectAll()
      .where('account', '=', account)
      .where('confirmed_at_ms', 'is not', null),
  );
}

function phoneOf(sql: SqlRunner, account: string): Promise<PhoneRow | undefined> {
  return firstRow(sql, db.selectFrom('rampart.identity_phones').selectAll().where('account', '=', account));
}

function backupCodesOf(sql: SqlRunner, account: string): Promise<readonly BackupCodeRow[]> {
  return rows(sql, db.selectFrom('rampart.identity_backup_codes').selectAll().where('account', '=', account));
}

function totpView(row: TotpRow, disabled: boolean): FactorSummary['totp'] {
  return {
    id: row.id,
    confirmedAtMs: row.confirmed_at_ms as number,
    lastUsedAtMs: row.last_used_at_ms,
    disabled,
  };
}

function backupView(codes: readonly BackupCodeRow[]): FactorSummary['backupCodes'] {
  const [first] = codes;
  if (!first) return null;
  return {
    left: codes.filter((code) => code.used_at_ms === null).length,
    createdAtMs: first.created_at_ms,
  };
}

/** @returns how many rows proved that kind */
async function removeKind(tx: SqlRunner, account: string, kind: FactorKind): Promise<number> {
  switch (kind) {
    case 'totp':
      return affected(tx, db.deleteFrom('rampart.identity_totp').where('account', '=', account));
    case 'sms':
      // A code that is on its way must neither bring the number back nor prove anything any more.
      await forgetCodes(tx, account, 'sms');
      return affected(tx, db.deleteFrom('rampart.identity_phones').where('account', '=', account));
    case 'passkey':
      return affected(tx, db.deleteFrom('rampart.identity_passkeys').where('account', '=', account));
    case 'backup':
      return affected(tx, db.deleteFrom('rampart.identity_backup_codes').where('account', '=', account));
    case 'password':
    case 'email':
      return 0;
  }
}
