import { createHash } from 'node:crypto';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { AccountStatus, AssuranceLevel, FactorKind, SessionScope, SessionState } from '../contract.ts';
import type { SessionSettings } from './options.ts';

/** A session with what its account is now, as one join gives it. */
export interface SessionRow {
  readonly id: string;
  readonly account: string;
  readonly client: 'browser' | 'api';
  readonly scope: SessionScope;
  readonly aal: AssuranceLevel;
  readonly factors: readonly FactorKind[];
  readonly proven_at_ms: Readonly<Partial<Record<FactorKind, number>>>;
  readonly device: string | null;
  readonly agent_family: string;
  readonly agent_platform: string;
  readonly dpop_thumbprint: string | null;
  readonly epoch: number;
  readonly created_at_ms: number;
  readonly seen_at_ms: number;
  /** Overall end. */
  readonly expires_at_ms: number;
  readonly mismatch_at_ms: number | null;
  readonly ended_at_ms: number | null;
  readonly email: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly status: AccountStatus;
  readonly version: number;
}

/** A row of `rampart.identity_tokens`. */
export interface TokenRow {
  readonly session: string;
  readonly generation: number;
  readonly expires_at_ms: number;
  readonly used_at_ms: number | null;
  readonly successor_hash: string | null;
  readonly successor: string | null;
}

const COLUMNS = `s.id, s.account, s.client, s.scope, s.aal, s.factors, s.proven_at_ms, s.device, s.agent_family,
  s.agent_platform, s.dpop_thumbprint, s.epoch, s.created_at_ms, s.seen_at_ms, s.expires_at_ms, s.mismatch_at_ms,
  s.ended_at_ms, a.email, a.name, a.roles, a.status, a.version`;
const JOIN = 'rampart.identity_sessions s JOIN rampart.identity_accounts a ON a.id = s.account';

/** Secrets of sessions: a session cookie or a refresh token, 256 random bits. */
export const COOKIE_FORM = /^rs_[A-Za-z0-9_-]{43}$/;
export const REFRESH_FORM = /^r[rs]_[A-Za-z0-9_-]{43}$/;

/** How a secret of 256 random bits is kept and found: by its SHA-256. */
export function hashOfSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Reads a session by its id. */
export async function sessionById(sql: SqlRunner, id: string): Promise<SessionRow | undefined> {
  const { rows } = await sql.query(`SELECT ${COLUMNS} FROM ${JOIN} WHERE s.id = $1`, [id]);
  return rows[0] as unknown as SessionRow | undefined;
}

/** The same, and holds it until the transaction ends: whoever changes a session or its tokens waits for this. */
export async function lockSession(tx: SqlRunner, id: string): Promise<SessionRow | undefined> {
  const { rows } = await tx.query(`SELECT ${COLUMNS} FROM ${JOIN} WHERE s.id = $1 FOR UPDATE OF s`, [id]);
  return rows[0] as unknown as SessionRow | undefined;
}

/** Holds an account's row until the transaction ends. @returns its status */
export async function lockAccount(tx: SqlRunner, account: string): Promise<string | undefined> {
  const { rows } = await tx.query(
    'SELECT status FROM rampart.identity_accounts WHERE id = $1 FOR NO KEY UPDATE',
    [account],
  );
  return rows[0]?.['status'] as string | undefined;
}

/** A session and the cookie by which it was found. */
export interface CookieRow extends SessionRow {
  readonly token_expires: number;
  readonly token_used: number | null;
}

/** Reads a session by the hash of its cookie. */
export async function sessionByCookie(sql: SqlRunner, hash: string): Promise<CookieRow | undefined> {
  const { rows } = await sql.query(
    `SELECT ${COLUMNS}, t.expires_at_ms AS token_expires, t.used_at_ms AS token_used
     FROM rampart.identity_tokens t JOIN ${JOIN} ON t.session = s.id WHERE t.token_hash = $1`,
    [hash],
  );
  return rows[0] as unknown as CookieRow | undefined;
}

/** Reads a token by its hash. */
export async function tokenByHash(sql: SqlRunner, hash: string): Promise<TokenRow | undefined> {
  const { rows } = await sql.query(
    `SELECT session, generation, expires_at_ms, used_at_ms, successor_hash, successor
     FROM rampart.identity_tokens WHERE token_hash = $1`,
    [hash],
  );
  return rows[0] as unknown as TokenRow | undefined;
}

/** When a session ends if nobody uses it from now on. */
export function endOf(row: SessionRow, settings: SessionSettings): number {
  return Math.min(row.expires_at_ms, row.seen_at_ms + settings.lifetime[row.aal].idle);
}

/** Whether somebody may still act with it: not ended, not too old, not idle for too long, account active. */
export function isAlive(row: SessionRow, settings: SessionSettings, nowMs: number): boolean {
  return row.ended_at_ms === null && row.status === 'active' && nowMs < endOf(row, settings);
}

/** A session as requests see it. */
export function stateOf(row: SessionRow, settings: SessionSettings): SessionState {
  return {
    id: row.id,
    account: row.account,
    email: row.email,
    name: row.name,
    roles: row.roles,
    status: row.status,
    client: row.client,
    scope: row.scope,
    aal: row.aal,
    factors: row.factors,
    provenAtMs: row.proven_at_ms,
    device: row.device,
    createdAtMs: row.created_at_ms,
    expiresAtMs: endOf(row, settings),
    dpopThumbprint: row.dpop_thumbprint,
    version: row.version,
  };
}
