import { affected, firstRow, rows, sqlBuilder } from '../../../base/database/index.ts';
import { newId } from '../../../core/id.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { Devices, DeviceVerdict } from '../contract.ts';
import type { IdentityPorts, Place } from '../ports.ts';
import type { ClientFacts } from '../request.ts';
import { agentOf } from '../session/agent.ts';
import type { DeviceRow, DeviceTables } from '../tables/device.ts';
import { type DeviceCookie, type DeviceCookies, deviceCookies, sameHash } from './cookie.ts';
import { type DeviceOptions, type DeviceSettings, readDeviceOptions } from './options.ts';
import { isNewPlace, placeNames, rememberPlace } from './places.ts';
import { compare, type Signals, signalsOf } from './signals.ts';

/** What devices stand on. */
export type DevicePorts = Pick<IdentityPorts, 'sql' | 'clock' | 'secret' | 'placeOf'>;

const db = sqlBuilder<DeviceTables>();

/**
 * Remembers on which devices people have signed in. A device is known by its cookie, and only to accounts that it has
 * signed in to and has not been removed from, and only while it looks as it did.
 * @throws OptionsError
 */
export function createDevices(options: DeviceOptions, ports: DevicePorts): Devices {
  return new Remembered(readDeviceOptions('devices', options), ports);
}

class Remembered implements Devices {
  readonly #settings: DeviceSettings;
  readonly #ports: DevicePorts;
  readonly #cookies: DeviceCookies;

  constructor(settings: DeviceSettings, ports: DevicePorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#cookies = deviceCookies(ports.secret, settings.forgetAfter);
  }

  async judge(account: string, facts: ClientFacts): Promise<DeviceVerdict> {
    const { sql } = this.#ports;
    const cookie = this.#cookies.read(facts.device, this.#ports.clock.now());
    const row = cookie === undefined ? undefined : await rowOf(sql, account, cookie);
    const place = this.#placeOf(facts);
    const newPlace = place !== undefined && (await isNewPlace(sql, account, place));
    if (row === undefined || row.removed_at_ms !== null)
      return { kind: 'unknown', device: null, differs: [], newPlace };
    const { fits, differs } = compare(row, signalsOf(facts));
    return { kind: fits ? 'known' : 'changed', device: row.id, differs, newPlace };
  }

  async remember(tx: SqlRunner, account: string, facts: ClientFacts): ReturnType<Devices['remember']> {
    const nowMs = this.#ports.clock.now();
    const place = this.#placeOf(facts);
    const newPlace = place !== undefined && (await isNewPlace(tx, account, place));
    if (place !== undefined) await rememberPlace(tx, account, place, nowMs);
    const signals = signalsOf(facts);
    const seen = { account, signals, place, nowMs };
    const own = await this.#ownOf(tx, account, facts, signals, nowMs);
    const cookie = own === undefined ? this.#cookies.make(newId('dev', nowMs), nowMs) : own.cookie;
    await note(tx, cookie, seen);
    await this.#keepBound(tx, account);
    const isNew = own?.isNew ?? true;
    return {
      device: cookie.id,
      cookie: 'value' in cookie ? (cookie.value as string) : null,
      isNew,
      newPlace,
    };
  }

  /**
   * The cookie of this browser, with a new secret where it is old; `undefined` where a new device has to be made: a
   * browser that was removed from the account, or looks like another one, does not go on under the same name.
   */
  async #ownOf(
    tx: SqlRunner,
    account: string,
    facts: ClientFacts,
    signals: Signals,
    nowMs: number,
  ): Promise<{ readonly cookie: DeviceCookie; readonly isNew: boolean } | undefined> {
    const cookie = this.#cookies.read(facts.device, nowMs);
    if (cookie === undefined) return undefined;
    const held = await lockRows(tx, cookie.id);
    // A cookie whose secret was replaced meanwhile is a copy; so is one that no account knows any more.
    if (!held.some((row) => row.removed_at_ms === null) || !held.every((row) => fitsSecret(row, cookie)))
      return undefined;
    const row = held.find((one) => one.account === account);
    if (row !== undefined && (row.removed_at_ms !== null || !compare(row, signals).fits)) return undefined;
    const isNew = row === undefined;
    if (nowMs - cookie.madeAtMs < this.#settings.rotateAfter) return { cookie, isNew };
    const next = this.#cookies.make(cookie.id, nowMs);
    await affected(
      tx,
      db
        .updateTable('rampart.identity_devices')
        .set({ secret_hash: next.secretHash })
        .where('id', '=', cookie.id),
    );
    return { cookie: next, isNew };
  }

  /** Forgets the devices that have not been seen for longest; of removed ones as many are kept. */
  async #keepBound(tx: SqlRunner, account: string): Promise<void> {
    await tx.query(
      `DELETE FROM rampart.identity_devices WHERE account = $1 AND id IN (
         SELECT id FROM (
           SELECT id, row_number() OVER (
             PARTITION BY removed_at_ms IS NULL ORDER BY last_seen_at_ms DESC, id DESC) AS place
           FROM rampart.identity_devices WHERE account = $1) AS ranked
         WHERE place > $2::bigint)`,
      [account, this.#settings.maxPerAccount],
    );
  }

  async list(account: string): ReturnType<Devices['list']> {
    const found = await rows(
      this.#ports.sql,
      db
        .selectFrom('rampart.identity_devices')
        .selectAll()
        .where('account', '=', account)
        .where('removed_at_ms', 'is', null)
        .orderBy('last_seen_at_ms', 'desc')
        .orderBy('id', 'desc')
        .limit(this.#settings.maxPerAccount),
    );
    return found.map((row) => ({
      id: row.id,
      name: nameOfRow(row),
      firstSeenAtMs: row.first_seen_at_ms,
      lastSeenAtMs: row.last_seen_at_ms,
      place: placeText(row),
    }));
  }

  async forget(tx: SqlRunner, account: string, except?: string): Promise<void> {
    const all = this.#removal(account);
    await affected(tx, except === undefined ? all : all.where('id', '<>', except));
  }

  async remove(tx: SqlRunner, account: string, id: string): Promise<boolean> {
    return (await affected(tx, this.#removal(account).where('id', '=', id))) > 0;
  }

  idOf(cookie: string | undefined): string | undefined {
    return this.#cookies.read(cookie, this.#ports.clock.now())?.id;
  }

  async accountsOf(id: string): Promise<readonly string[]> {
    const found = await rows(
      this.#ports.sql,
      db
        .selectFrom('rampart.identity_devices')
        .select('account')
        .where('id', '=', id)
        .where('removed_at_ms', 'is', null)
        .orderBy('last_seen_at_ms', 'desc')
        .limit(100),
    );
    return found.map(({ account }) => account);
  }

  #removal(account: string) {
    return db
      .updateTable('rampart.identity_devices')
      .set({ removed_at_ms: this.#ports.clock.now() })
      .where('account', '=', account)
      .where('removed_at_ms', 'is', null);
  }

  nameOf(facts: ClientFacts): string {
    return agentOf(facts.userAgent, facts.platform).name;
  }

  #placeOf(facts: ClientFacts): Place | undefined {
    return this.#ports.placeOf?.(facts.address);
  }
}

function fitsSecret(row: Pick<DeviceRow, 'secret_hash'>, cookie: DeviceCookie): boolean {
  return sameHash(row.secret_hash, cookie.secretHash);
}

async function rowOf(sql: SqlRunner, account: string, cookie: DeviceCookie): Promise<DeviceRow | undefined> {
  const row = await firstRow(
    sql,
    db
      .selectFrom('rampart.identity_devices')
      .selectAll()
      .where('id', '=', cookie.id)
      .where('account', '=', account),
  );
  return row !== undefined && fitsSecret(row, cookie) ? row : undefined;
}

/** All rows of a browser, in one order. */
function lockRows(tx: SqlRunner, id: string): Promise<readonly DeviceRow[]> {
  return rows(
    tx,
    db.selectFrom('rampart.identity_devices').selectAll().where('id', '=', id).orderBy('account').forUpdate(),
  );
}

async function note(
  tx: SqlRunner,
  cookie: DeviceCookie,
  seen: {
    readonly account: string;
    readonly signals: Signals;
    readonly place: Place | undefined;
    readonly nowMs: number;
  },
): Promise<void> {
  const { family, platform, language, timezone } = seen.signals;
  const place = seen.place === undefined ? undefined : placeNames(seen.place);
  const latest = {
    ...(language === null ? {} : { language }),
    ...(timezone === null ? {} : { timezone }),
    ...(place === undefined ? {} : { country: place.country, city: place.city }),
    last_seen_at_ms: seen.nowMs,
  };
  const first = {
    id: cookie.id,
    account: seen.account,
    secret_hash: cookie.secretHash,
    family,
    platform,
    first_seen_at_ms: seen.nowMs,
  };
  await affected(
    tx,
    db
      .insertInto('rampart.identity_devices')
      .values({ ...first, ...latest })
      .onConflict((conflict) => conflict.columns(['id', 'account']).doUpdateSet(latest)),
  );
}

function placeText({ country, city }: Pick<DeviceRow, 'country' | 'city'>): string | null {
  if (country === null) return null;
  return city === null || city === '' ? country : `${city}, ${country}`;
}

function nameOfRow({ family, platform }: Pick<DeviceRow, 'family' | 'platform'>): string {
  if (family === 'unknown') return platform === 'unknown' ? 'Unknown device' : platform;
  return platform === 'unknown' ? family : `${family} on ${platform}`;
}
