import { createHash } from 'node:crypto';
import { newSecret } from '../../../core/id.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { SecretBox } from '../../../base/secrets/index.ts';
import { affected, firstRow, rows, toSqlText } from '../../../base/database/index.ts';
import { linkInvalid } from '../errors.ts';
import type { LinkRow } from '../tables/accounts.ts';
import { sealedContext } from '../sealed.ts';
import { db } from './store.ts';

const LINKS = 'rampart.identity_links';
const HOUR_MS = 3_600_000;
/** Links of one kind that an address can be sent in an hour; further requests are answered alike and send nothing. */
export const LINKS_PER_ADDRESS = 3;
/** Links that one client can cause in an hour. */
export const LINKS_PER_CLIENT = 20;
const MAX_TOKEN = 100;

/** What kind of link. */
export type LinkKind = LinkRow['kind'];

/**
 * Tokens are kept as their SHA-256 (OWASP ASVS 11.5.1: 256 random bits): who reads the table cannot follow a link, and
 * looking one up by its hash gives no timing to work with.
 */
export function hashOf(token: string): string {
  return createHash('sha256').update(token.slice(0, MAX_TOKEN)).digest('hex');
}

/** What a link is made of. */
export interface NewLink {
  readonly kind: LinkKind;
  /** Null where there is no account (yet). */
  readonly account: string | null;
  readonly emailKey: string;
  /** Whose request it was; empty for administrators. */
  readonly group: string;
  /** What it carries; sealed. */
  readonly payload: object | null;
  readonly lifeMs: number;
}

/** Makes a link. @returns its token, which is kept nowhere */
export async function createLink(
  sql: SqlRunner,
  box: SecretBox,
  given: NewLink,
  nowMs: number,
): Promise<string> {
  const token = newSecret();
  const hash = hashOf(token);
  const payload =
    given.payload === null ? null : box.seal(JSON.stringify(given.payload), sealedContext.link(hash));
  const values: LinkRow = {
    token_hash: hash,
    kind: given.kind,
    account: given.account,
    email_key: given.emailKey,
    client_group: given.group,
    payload,
    created_at_ms: nowMs,
    expires_at_ms: nowMs + given.lifeMs,
    used_at_ms: null,
  };
  await affected(sql, db.insertInto(LINKS).values(values));
  return token;
}

/**
 * Makes flows on one address, and mails that one client causes, come in turn until the transaction ends: their limits
 * hold under a race. Locks are taken in one order everywhere: addresses, clients, administrators, the account, its links.
 * @param group whose mails are counted; left out where none is sent
 */
export async function holdAddress(sql: SqlRunner, emailKey: string, group = ''): Promise<void> {
  const lock = 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))';
  await sql.query(lock, [`rampart identity address ${toSqlText(emailKey)}`]);
  if (group !== '') await sql.query(lock, [`rampart identity client ${toSqlText(group)}`]);
}

/**
 * Whether one more link of that kind may be sent to an address, and caused by a client. One query, whatever comes out;
 * the address is held.
 */
export async function mayLink(
  sql: SqlRunner,
  kind: LinkKind,
  emailKey: string,
  group: string,
  nowMs: number,
): Promise<boolean> {
  const since = nowMs - HOUR_MS;
  const counted = await sql.query(
    `SELECT
       (SELECT count(*) FROM ${LINKS} WHERE email_key = $1 AND kind = $2 AND created_at_ms > $4)::int AS address,
       (SELECT count(*) FROM ${LINKS} WHERE client_group = $3 AND created_at_ms > $4)::int AS client`,
    [toSqlText(emailKey), kind, toSqlText(group), since],
  );
  const { address, client } = counted.rows[0] as { address: number; client: number };
  return address < LINKS_PER_ADDRESS && (group === '' || client < LINKS_PER_CLIENT);
}

/** Looks at a link that is still good, and does not use it up. */
export function findLink(
  sql: SqlRunner,
  token: string,
  kinds: readonly LinkKind[],
  nowMs: number,
): Promise<LinkRow | undefined> {
  const select = db
    .selectFrom(LINKS)
    .selectAll()
    .where('token_hash', '=', hashOf(token))
    .where('kind', 'in', kinds)
    .where('used_at_ms', 'is', null)
    .where('expires_at_ms', '>', nowMs);
  return firstRow<LinkRow>(sql, select);
}

/**
 * Uses a link up. One statement decides, so that of any number of simultaneous uses exactly one wins (A31).
 * @throws AppError 400 LINK_INVALID when it is wrong, used or too old
 */
export async function consumeLink(
  sql: SqlRunner,
  token: string,
  kinds: readonly LinkKind[],
  nowMs: number,
): Promise<LinkRow> {
  const statement = db
    .updateTable(LINKS)
    .set({ used_at_ms: nowMs })
    .where('token_hash', '=', hashOf(token))
    .where('kind', 'in', kinds)
    .where('used_at_ms', 'is', null)
    .where('expires_at_ms', '>', nowMs)
    .returningAll();
  const row = await firstRow<LinkRow>(sql, statement);
  if (row === undefined) throw linkInvalid();
  return row;
}

/** Opens what a link carries. @throws AppError 400 LINK_INVALID when it carries nothing */
export function payloadOf(box: SecretBox, link: LinkRow): unknown {
  if (link.payload === null) throw linkInvalid();
  const text = Buffer.from(box.open(link.payload, sealedContext.link(link.token_hash))).toString('utf8');
  return JSON.parse(text);
}

/** Open links of an address, newest first, at most 20. */
export function openLinks(
  sql: SqlRunner,
  kind: LinkKind,
  emailKey: string,
  nowMs: number,
): Promise<readonly LinkRow[]> {
  const select = db
    .selectFrom(LINKS)
    .selectAll()
    .where('email_key', '=', emailKey)
    .where('kind', '=', kind)
    .where('used_at_ms', 'is', null)
    .where('expires_at_ms', '>', nowMs)
    .orderBy('created_at_ms', 'desc')
    .limit(20);
  return rows<LinkRow>(sql, select);
}

/** Ends links of an account: all, or those of some kinds. */
export async function endLinks(
  sql: SqlRunner,
  account: string,
  nowMs: number,
  kinds?: readonly LinkKind[],
): Promise<void> {
  let statement = db
    .updateTable(LINKS)
    .set({ used_at_ms: nowMs })
    .where('account', '=', account)
    .where('used_at_ms', 'is', null);
  if (kinds !== undefined) statement = statement.where('kind', 'in', kinds);
  await affected(sql, statement);
}

/** Ends open links of an address of one kind: an account has come of one of them. */
export async function endLinksTo(
  sql: SqlRunner,
  kind: LinkKind,
  emailKey: string,
  nowMs: number,
): Promise<void> {
  const statement = db
    .updateTable(LINKS)
    .set({ used_at_ms: nowMs })
    .where('email_key', '=', emailKey)
    .where('kind', '=', kind)
    .where('used_at_ms', 'is', null);
  await affected(sql, statement);
}
