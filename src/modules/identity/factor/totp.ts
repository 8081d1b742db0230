import { randomBytes } from 'node:crypto';
import qrcode from 'qrcode';
import { affected, firstRow } from '../../../base/database/index.ts';
import { newId } from '../../../core/id.ts';
import type { Factors } from '../contract.ts';
import type { IdentityPorts, IdentityTransaction } from '../ports.ts';
import { readCode } from './code-text.ts';
import type { FactorSettings } from './options.ts';
import { db } from './query.ts';
import { sealedContext } from '../sealed.ts';
import { base32Of, matchStep, secretOfBase32, uriOf } from './totp-code.ts';

/** 160 bits, the length of SHA-1 (RFC 4226, R6). */
const SECRET_BYTES = 20;
/** An enrolment that nobody confirmed is forgotten after an hour. */
const PENDING_MS = 3_600_000;
const MAX_LABEL = 200;

/** Codes of authenticator apps (RFC 6238): SHA-1, six digits, 30 seconds; each time step is accepted once. */
export function createTotp(
  settings: FactorSettings,
  ports: Pick<IdentityPorts, 'box' | 'clock'>,
): Pick<Factors, 'enrolTotp' | 'confirmTotp' | 'verifyTotp'> {
  const window = settings.totp.strict ? 0 : 1;

  function stepOf(row: { id: string; secret: string }, code: string, nowMs: number): number | undefined {
    const secret = secretOfBase32(
      Buffer.from(ports.box.open(row.secret, sealedContext.totp(row.id))).toString(),
    );
    return matchStep(secret, code, nowMs, window);
  }

  return {
    async enrolTotp(tx, account, label) {
      const nowMs = ports.clock.now();
      const bytes = randomBytes(SECRET_BYTES);
      const secret = base32Of(bytes);
      const id = newId('fac', nowMs);
      await storePending(tx, account, id, ports.box.seal(secret, sealedContext.totp(id)), nowMs);
      const uri = uriOf(bytes, settings.product, label.slice(0, MAX_LABEL));
      const [qrSvg, qrPng] = await Promise.all([
        // Only fill and stroke attributes: nothing that a strict Content-Security-Policy would refuse.
        qrcode.toString(uri, { type: 'svg', errorCorrectionLevel: 'M', margin: 2 }),
        qrcode.toDataURL(uri, { errorCorrectionLevel: 'M', margin: 2, scale: 6 }),
      ]);
      return { id, secret, uri, qrSvg: qrSvg.trim(), qrPng };
    },

    async confirmTotp(tx, account, code, nowMs) {
      const digits = readCode(code);
      if (digits === undefined) return false;
      // The lock makes the second of two confirmations wait and then find nothing pending.
      const pending = await firstRow(
        tx,
        db
          .selectFrom('rampart.identity_totp')
          .select(['id', 'secret'])
          .where('account', '=', account)
          .where('confirmed_at_ms', 'is', null)
          .where('created_at_ms', '>', nowMs - PENDING_MS)
          .forUpdate(),
      );
      const step = pending && stepOf(pending, digits, nowMs);
      if (!pending || step === undefined) return false;
      await replaceConfirmed(tx, account, pending.id, step, nowMs);
      return true;
    },

    async verifyTotp(tx, account, code, nowMs) {
      const digits = readCode(code);
      if (digits === undefined) return false;
      const row = await firstRow(
        tx,
        db
          .selectFrom('rampart.identity_totp')
          .select(['id', 'secret'])
          .where('account', '=', account)
          .where('confirmed_at_ms', 'is not', null),
      );
      const step = row && stepOf(row, digits, nowMs);
      if (!row || step === undefined) return false;
      // One statement decides which of any number of simultaneous uses wins, on whichever node.
      const used = await affected(
        tx,
        db
          .updateTable('rampart.identity_totp')
          .set({ last_step: step, last_used_at_ms: nowMs })
          .where('id', '=', row.id)
          .where('last_step', '<', step),
      );
      return used === 1;
    },
  };
}

async function storePending(
  tx: IdentityTransaction,
  account: string,
  id: string,
  secret: string,
  nowMs: number,
): Promise<void> {
  await affected(
    tx,
    db
      .insertInto('rampart.identity_totp')
      .values({
        id,
        account,
        secret,
        last_step: 0,
        created_at_ms: nowMs,
        confirmed_at_ms: null,
        last_used_at_ms: null,
      })
      .onConflict((conflict) =>
        conflict
          .column('account')
          .where('confirmed_at_ms', 'is', null)
          .doUpdateSet({ id, secret, last_step: 0, created_at_ms: nowMs }),
      ),
  );
}

async function replaceConfirmed(
  tx: IdentityTransaction,
  account: string,
  id: string,
  step: number,
  nowMs: number,
): Promise<void> {
  await affected(
    tx,
    db
      .deleteFrom('rampart.identity_totp')
      .where('account', '=', account)
      .where('confirmed_at_ms', 'is not', null),
  );
  await affected(
    tx,
    db
      .updateTable('rampart.identity_totp')
      .set({ confirmed_at_ms: nowMs, last_step: step, last_used_at_ms: nowMs })
      .where('id', '=', id),
  );
}
