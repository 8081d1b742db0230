import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENTS, type EventFields, type EventType, type RampartEvent } from '../../src/core/events.ts';
import { newId } from '../../src/core/id.ts';
import {
  AuditLog,
  type AuditOptions,
  type AuditPorts,
  type AuditReport,
  bundleLines,
  keyText,
  localSigner,
  readBundlePage,
  verifyBundle,
} from '../../src/modules/audit/index.ts';
import type { SqlRunner, SqlStore } from '../../src/ports/sql.ts';
import { EventStore } from '../../src/server/data/index.ts';
import { type LineFile, openLines } from '../../src/stores/file/index.ts';
import { ManualClock } from '../../src/testing/clock.ts';

/** Seed of the key that signs in these tests. */
export const SEED = new Uint8Array(32).fill(7);
export const SIGNER = localSigner(SEED);
export const KEY = keyText('rampart/audit/any', SIGNER.publicKey);
const TABLES =
  'audit_leaves, rampart.audit_nodes, rampart.audit_log, rampart.audit_checkpoints, rampart.audit_holders';

let made = 0;

/** An audit event. */
export function auditEvent(type: EventType = 'BLOCK_ADDED', fields: EventFields = {}): RampartEvent {
  const atMs = 1_795_000_000_000 + made++;
  const { severity, about, class: kind } = EVENTS[type];
  const base = { id: newId('evt', atMs), type, severity, class: kind, atMs, node: 'one', about };
  return {
    ...base,
    actor: 'usr_ada',
    subject: `198.51.100.${made % 250}`,
    address: '192.0.2.1',
    details: { n: made },
    ...fields,
    severity,
  };
}

/** One node that keeps the log of a database, with a file of its own. */
export class AuditNode {
  readonly log: AuditLog;
  readonly file: LineFile;
  readonly emitted: { readonly type: string; readonly fields: EventFields | undefined }[] = [];
  readonly words: string[] = [];
  readonly clock = new ManualClock();
  readonly #folder: string;

  private constructor(
    sql: SqlStore,
    folder: string,
    file: LineFile,
    options: AuditOptions,
    more: Partial<AuditPorts>,
  ) {
    this.#folder = folder;
    this.file = file;
    const say = (message: string): void => void this.words.push(message);
    this.log = new AuditLog(
      {
        sql,
        clock: this.clock,
        timers: this.clock,
        signer: SIGNER,
        file,
        events: { emit: (type, fields) => void this.emitted.push({ type, fields }) },
        write: (tx, type, fields) => new EventStore(sql).write(tx, auditEvent(type, fields)),
        node: 'one',
        log: { info: say, warn: say, error: say },
        ...more,
      },
      options,
    );
  }

  static async open(
    sql: SqlStore,
    options: AuditOptions = {},
    more: Partial<AuditPorts> = {},
    folder?: string,
  ): Promise<AuditNode> {
    const own = folder ?? mkdtempSync(join(tmpdir(), 'rampart-audit-'));
    return new AuditNode(sql, own, await openLines(own, 'audit'), options, more);
  }

  /** The same node after a restart. */
  async again(sql: SqlStore, options: AuditOptions = {}): Promise<AuditNode> {
    await this.file.close();
    return AuditNode.open(sql, options, {}, this.#folder);
  }

  async close(): Promise<void> {
    await this.file.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Writes audit events, each in a transaction as an act would. */
export async function writeEvents(
  sql: SqlStore,
  count: number,
  fields: EventFields = {},
): Promise<readonly RampartEvent[]> {
  const events = Array.from({ length: count }, () => auditEvent('BLOCK_ADDED', fields));
  const store = new EventStore(sql);
  await sql.transaction(async (tx) => {
    for (const event of events) await store.write(tx, event);
  });
  return events;
}

/** An empty log on the database. */
export async function emptyLog(sql: SqlStore): Promise<void> {
  await sql.script(`TRUNCATE rampart.events, rampart.${TABLES}`);
}

/** What an attacker does who owns the database: append-only triggers are no obstacle. */
export async function tamper(sql: SqlStore, work: (tx: SqlRunner) => Promise<unknown>): Promise<void> {
  await sql.script(
    `ALTER TABLE rampart.audit_leaves DISABLE TRIGGER USER; ALTER TABLE rampart.audit_nodes DISABLE TRIGGER USER`,
  );
  await sql.transaction(async (tx) => void (await work(tx)));
  await sql.script(
    `ALTER TABLE rampart.audit_leaves ENABLE TRIGGER USER; ALTER TABLE rampart.audit_nodes ENABLE TRIGGER USER`,
  );
}

/** The whole bundle. */
export async function exportLog(sql: SqlRunner, payloads = true): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of bundleLines((from) => readBundlePage(sql, { from, payloads }))) lines.push(line);
  return lines;
}

/** Verifies offline: with the public key, and with a file of checkpoints where one is given. */
export function verify(lines: readonly string[], file?: LineFile): Promise<AuditReport> {
  return verifyBundle(lines, [KEY], file === undefined ? [] : [file.read()]);
}
