import {
  type AuthenticatorTransport,
  generateAuthenticationOptions,
  generateRegistrationOptions,
} from '@simplewebauthn/server';
import { affected, firstRow, rows } from '../../../base/database/index.ts';
import { AppError, NotFoundError } from '../../../core/errors.ts';
import { newId } from '../../../core/id.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { Passkeys, PasskeyView } from '../contract.ts';
import type { PasskeyRow } from '../tables/factor.ts';
import type { FactorSettings } from './options.ts';
import { CHALLENGE_MS, makeChallenge, takeChallenge } from './passkey-challenges.ts';
import { cleanName, defaultName } from './passkey-name.ts';
import { readAuthentication, readRegistration } from './passkey-response.ts';
import { ALGORITHMS, type Party, verifyAnswer, verifyRegistration } from './passkey-verify.ts';
import type { FactorPorts } from './ports.ts';
import { db, lockAccount } from './query.ts';

/**
 * Passkeys (WebAuthn Level 3). Challenges are 256 bits, good once, for five minutes, for one purpose and one session or
 * flow. The caller commits also when an answer was refused, or its challenge would come back.
 */
export function createPasskeys(settings: FactorSettings, ports: FactorPorts): Passkeys {
  const { rpId, origins, max } = settings.passkeys;
  const party: Party = { rpId, origins };

  return {
    async registrationOptions(account, session) {
      const user = await firstRow(
        ports.sql,
        db.selectFrom('rampart.identity_accounts').select('passkey_user').where('id', '=', account.id),
      );
      if (!user) throw new NotFoundError();
      const have = await passkeysOf(ports.sql, account.id);
      if (have.length >= max) throw tooMany(max);
      const use = { purpose: 'register', account: account.id, bound: session } as const;
      const challenge = await makeChallenge(ports.sql, use, ports.clock.now());
      const options = await generateRegistrationOptions({
        rpName: settings.product,
        rpID: rpId,
        userID: bytesOf(user.passkey_user),
        userName: account.email,
        userDisplayName: account.name || account.email,
        challenge: bytesOf(challenge),
        timeout: CHALLENGE_MS,
        attestationType: 'none',
        excludeCredentials: have.map(descriptorOf),
        authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
        supportedAlgorithmIDs: [...ALGORITHMS],
      });
      return { challenge, options };
    },

    async register(tx, account, session, challenge, response, name) {
      const nowMs = ports.clock.now();
      const use = { purpose: 'register', account, bound: session } as const;
      if (!(await takeChallenge(tx, challenge, use, nowMs))) return undefined;
      const given = readRegistration(response);
      const made = given && (await verifyRegistration(party, given, challenge));
      if (!made) return undefined;
      await lockAccount(tx, account);
      if ((await passkeysOf(tx, account)).length >= max) return undefined;
      const row: PasskeyRow = {
        ...made,
        id: newId('fac', nowMs),
        account,
        name: cleanName(name ?? '') ?? defaultName(made.aaguid, made.transports),
        created_at_ms: nowMs,
        last_used_at_ms: null,
      };
      // A credential id belongs to one account only: whoever registers another's is refused (WebAuthn 7.1, step 26).
      const inserted = await affected(
        tx,
        db
          .insertInto('rampart.identity_passkeys')
          .values(row)
          .onConflict((conflict) => conflict.column('credential_id').doNothing()),
      );
      return inserted === 1 ? viewOf(row) : undefined;
    },

    async authenticationOptions(account, bound) {
      const use = { purpose: 'authenticate', account, bound } as const;
      const challenge = await makeChallenge(ports.sql, use, ports.clock.now());
      // Nothing here depends on an account where none is named: nobody learns whether it exists.
      const have = account === null ? undefined : await passkeysOf(ports.sql, account);
      const options = await generateAuthenticationOptions({
        rpID: rpId,
        challenge: bytesOf(challenge),
        timeout: CHALLENGE_MS,
        userVerification: account === null ? 'required' : 'preferred',
        ...(have ? { allowCredentials: have.map(descriptorOf) } : {}),
      });
      return { challenge, options };
    },

    async authenticate(tx, bound, challenge, response, account) {
      const nowMs = ports.clock.now();
      if (!(await takeChallenge(tx, challenge, { purpose: 'authenticate', account, bound }, nowMs))) {
        return undefined;
      }
      const given = readAuthentication(response);
      const row = given && (await findCredential(tx, given.id));
      if (!given || !row || (account !== null && row.account !== account)) return undefined;
      const handle = given.response.userHandle;
      // Without an account the handle is what names one, so that it must be there and be its own.
      if (handle === undefined ? account === null : handle !== row.passkey_user) return undefined;
      const answer = await verifyAnswer(party, given, challenge, row, account === null);
      if (!answer) return undefined;
      if (!(await countUse(tx, row, answer, nowMs))) {
        ports.events.emit('PASSKEY_COUNTER_REGRESSION', {
          subject: row.account,
          outcome: 'refused',
          details: { passkey: row.id, stored: row.counter, received: answer.counter },
        });
        return undefined;
      }
      return { account: row.account, passkey: row.id, userVerified: answer.userVerified };
    },

    async rename(tx, account, id, name) {
      const clean = cleanName(name);
      if (clean === undefined) return false;
      const renamed = await affected(
        tx,
        db
          .updateTable('rampart.identity_passkeys')
          .set({ name: clean })
          .where('id', '=', id)
          .where('account', '=', account),
      );
      return renamed === 1;
    },

    async remove(tx, account, id) {
      const removed = await affected(
        tx,
        db.deleteFrom('rampart.identity_passkeys').where('id', '=', id).where('account', '=', account),
      );
      return removed === 1;
    },
  };
}

/** All passkeys of an account, oldest first. */
export function passkeysOf(sql: SqlRunner, account: string): Promise<readonly PasskeyRow[]> {
  return rows(
    sql,
    db.selectFrom('rampart.identity_passkeys').selectAll().where('account', '=', account).orderBy('id'),
  );
}

/** A passkey as its owner sees it. */
export function viewOf(row: PasskeyRow): PasskeyView {
  return {
    id: row.id,
    name: row.name,
    createdAtMs: row.created_at_ms,
    lastUsedAtMs: row.last_used_at_ms,
    backedUp: row.backed_up,
    deviceType: row.device_type,
  };
}

type CredentialRow = PasskeyRow & { passkey_user: string };

function findCredential(tx: SqlRunner, credential: string): Promise<CredentialRow | undefined> {
  return firstRow(
    tx,
    db
      .selectFrom('rampart.identity_passkeys as passkey')
      .innerJoin('rampart.identity_accounts as owner', 'owner.id', 'passkey.account')
      .selectAll('passkey')
      .select('owner.passkey_user')
      .where('passkey.credential_id', '=', credential),
  );
}

/**
 * Notes a use. A counter that does not grow marks a copy (WebAuthn 7.2, step 22); authenticators that keep none always
 * say 0. One statement decides, so that of two answers with the same count one is refused.
 */
async function countUse(
  tx: SqlRunner,
  row: PasskeyRow,
  answer: { readonly counter: number; readonly backedUp: boolean },
  nowMs: number,
): Promise<boolean> {
  const noted = await affected(
    tx,
    db
      .updateTable('rampart.identity_passkeys')
      .set({ counter: answer.counter, backed_up: answer.backedUp, last_used_at_ms: nowMs })
      .where('id', '=', row.id)
      .where('counter', answer.counter === 0 ? '=' : '<', answer.counter),
  );
  return noted === 1;
}

function descriptorOf(row: PasskeyRow): { id: string; transports: AuthenticatorTransport[] } {
  return { id: row.credential_id, transports: [...row.transports] as AuthenticatorTransport[] };
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(text, 'base64url'));
}

function tooMany(max: number): AppError {
  return new AppError(`An account has at most ${max} passkeys. Remove one first.`, 409, 'PASSKEY_LIMIT');
}
