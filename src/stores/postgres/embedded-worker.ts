import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type * as Pglite from '@electric-sql/pglite';
import type { PlainSqlError, WorkerMessage, WorkerRequest, WorkerStart } from './protocol.ts';
import { readerOf, type ValueReader } from './values.ts';

/**
 * The thread in which the embedded PostgreSQL lives. It speaks the wire protocol to the engine itself, one message per
 * statement with prepared statements kept by text: four times the throughput of the engine's own `query`, and parameters
 * mean what they mean on a server.
 */

/** A message of the engine, as far as it is read here. */
interface BackendMessage {
  readonly name: string;
  readonly text?: string;
  readonly fields?: readonly unknown[];
}
interface Engine {
  execProtocol(
    message: Uint8Array,
    options: { syncToFs: boolean },
  ): Promise<{ readonly messages: readonly BackendMessage[] }>;
  isInTransaction(): boolean;
  onNotification(handler: (channel: string, payload: string) => void): () => void;
  dumpDataDir(compression: 'gzip'): Promise<Blob>;
  close(): Promise<void>;
}
type Answer = Omit<Extract<WorkerMessage, { kind: 'done' }>, 'kind' | 'id'>;

/** Statements kept prepared; the least recently used goes first. */
const MAX_PREPARED = 200;
/** The engine's module was built for at least this much; what is not touched costs nothing. */
const INITIAL_MEMORY_BYTES = 128 * 1024 * 1024;

const port = parentPort;
const start = workerData as WorkerStart;
const tell = (message: WorkerMessage): void => port?.postMessage(message);
const prepared = new Map<string, string>();
let names = 0;

async function load(): Promise<typeof Pglite | undefined> {
  try {
    return await import('@electric-sql/pglite');
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    tell({ kind: 'failed', absent: code === 'ERR_MODULE_NOT_FOUND', message });
    return undefined;
  }
}

type Serialize = typeof Pglite.protocol.serialize;

/** Statements that leave prepared ones as they are; all others (DDL) may change what those mean. */
function keepsPlans(text: string): boolean {
  return /^\s*(?:select|insert|update|delete|with|begin|commit|rollback|savepoint|release|listen|unlisten|notify)\b/i.test(
    text,
  );
}

async function query(engine: Engine, wire: Serialize, request: WorkerRequest): Promise<Answer> {
  const parts: Uint8Array[] = [];
  let name = prepared.get(request.text);
  const keep = keepsPlans(request.text);
  const fresh = name === undefined;
  if (!keep) await forgetAll(engine, wire);
  name ??= keep ? `s${names++}` : '';
  if (fresh) parts.push(wire.parse({ name, text: request.text }));
  else prepared.delete(request.text);
  parts.push(
    wire.bind({ statement: name, values: request.values as (string | null)[] }),
    wire.describe({ type: 'P' }),
    wire.execute({}),
    wire.sync(),
  );
  try {
    const { messages } = await engine.execProtocol(Buffer.concat(parts), { syncToFs: false });
    if (keep) prepared.set(request.text, name);
    if (prepared.size > MAX_PREPARED) await forgetOldest(engine, wire);
    return answerOf(messages);
  } catch (error) {
    // Whether the statement was prepared before the error is not known: give the name back either way.
    if (name !== '') await closeStatement(engine, wire, name);
    throw error;
  }
}

async function closeStatement(engine: Engine, wire: Serialize, name: string): Promise<void> {
  const message = Buffer.concat([wire.close({ type: 'S', name }), wire.sync()]);
  await engine.execProtocol(message, { syncToFs: false });
}

async function forgetOldest(engine: Engine, wire: Serialize): Promise<void> {
  for (const [text, name] of prepared) {
    prepared.delete(text);
    await closeStatement(engine, wire, name);
    return;
  }
}

async function forgetAll(engine: Engine, wire: Serialize): Promise<void> {
  while (prepared.size > 0) await forgetOldest(engine, wire);
}

async function script(engine: Engine, wire: Serialize, text: string): Promise<Answer> {
  await forgetAll(engine, wire);
  const inside = engine.isInTransaction();
  try {
    return answerOf((await engine.execProtocol(wire.query(text), { syncToFs: false })).messages);
  } finally {
    // A script that began a transaction and failed inside must not leave the one session in it.
    if (!inside && engine.isInTransaction()) {
      await engine.execProtocol(wire.query('ROLLBACK'), { syncToFs: false });
    }
  }
}

interface Column {
  readonly name: string;
  readonly read: ValueReader;
}

function answerOf(messages: readonly BackendMessage[]): Answer {
  let columns: Column[] = [];
  const rows: Record<string, unknown>[] = [];
  let affected = 0;
  let command = '';
  for (const message of messages) {
    if (message.name === 'dataRow') rows.push(rowOf(columns, message.fields as (string | null)[]));
    else if (message.name === 'rowDescription') {
      const fields = message.fields as readonly { name: string; dataTypeID: number }[];
      columns = fields.map((field) => ({ name: field.name, read: readerOf(field.dataTypeID) }));
    } else if (message.name === 'commandComplete') {
      command = message.text ?? '';
      if (/^(?:INSERT|UPDATE|DELETE|MERGE|COPY) /.test(command)) {
        affected = Number(command.slice(command.lastIndexOf(' ') + 1));
      }
    }
  }
  return { rows, affected, command };
}

function rowOf(columns: readonly Column[], fields: readonly (string | null)[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as Column;
    const field = fields[i];
    row[column.name] = field === null || field === undefined ? null : column.read(field);
  }
  return row;
}

function plainError(error: unknown): PlainSqlError {
  const { message, code, detail, hint, schema, table, column, constraint } = error as PlainSqlError;
  return { message, code, detail, hint, schema, table, column, constraint };
}

async function handle(engine: Engine, wire: Serialize, request: WorkerRequest): Promise<void> {
  try {
    if (request.kind === 'close') await engine.close();
    const answer =
      request.kind === 'query'
        ? await query(engine, wire, request)
        : request.kind === 'script'
          ? await script(engine, wire, request.text)
          : { rows: [], affected: 0, command: '' };
    tell({ kind: 'done', id: request.id, ...answer });
  } catch (error) {
    tell({ kind: 'error', id: request.id, error: plainError(error) });
  }
}

function readTemplate(path: string): Blob | undefined {
  try {
    return new Blob([readFileSync(path)]);
  } catch {
    return undefined;
  }
}

/** Written beside its place and renamed: several processes may do it at the same time. */
async function writeTemplate(engine: Engine, path: string): Promise<void> {
  const dump = await engine.dumpDataDir('gzip');
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, Buffer.from(await dump.arrayBuffer()), { mode: 0o600 });
  renameSync(draft, path);
}

async function main(): Promise<void> {
  const pglite = await load();
  if (!pglite) return;
  const settings = start.settings.flatMap((setting) => ['-c', setting]);
  const template = start.template === undefined ? undefined : readTemplate(start.template);
  const engine: Engine = await pglite.PGlite.create(start.folder ?? 'memory://', {
    initialMemory: INITIAL_MEMORY_BYTES,
    startParams: [...pglite.PGlite.defaultStartParams, ...settings],
    ...(template ? { loadDataDir: template } : {}),
  });
  if (start.template !== undefined && !template) await writeTemplate(engine, start.template);
  if (start.create) {
    await engine.close();
    tell({ kind: 'ready' });
    return;
  }
  engine.onNotification((channel, payload) => tell({ kind: 'notify', channel, payload }));
  // One after the other: the engine is one session.
  let last: Promise<void> = Promise.resolve();
  port?.on('message', (request: WorkerRequest) => {
    last = last.then(() => handle(engine, pglite.protocol.serialize, request));
  });
  tell({ kind: 'ready' });
}

main().catch((error: unknown) => tell({ kind: 'failed', absent: false, message: String(error) }));
