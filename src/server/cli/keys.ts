import { Command, Option } from 'commander';
import { KEY_PURPOSES, type KeyPurpose } from '../../base/secrets/index.ts';
import { systemClock, systemTimers } from '../../core/clock.ts';
import { OptionsError, RampartError } from '../../core/errors.ts';
import type { SqlStore } from '../../ports/sql.ts';
import { migrate, openEmbedded, postgresBus } from '../../stores/postgres/index.ts';
import { findConfigFile, loadConfigFile, readConfig } from '../config.ts';
import { createStores, migrations } from '../data/index.ts';
import { openDataDir } from '../data-dir.ts';
import { readEnvironment } from '../environment.ts';
import { openDatabaseServer } from '../foundation.ts';
import { keyFindings } from '../keys/findings.ts';
import { type OpenedKeys, openKeys } from '../keys/open.ts';
import type { KeyView } from '../keys/rows.ts';
import type { RotationProgress } from '../keys/rotation.ts';
import { wrappersOf } from '../keys/wrapper.ts';
import { askServer } from './operator.ts';
import { textTable } from './table.ts';
import { endingOnWrongUsage } from './usage.ts';

const BY = 'operator';
const LINE_MS = 1_000;
const POLL_MS = 500;

/** `rampart keys`: what is there, and what is done with it. */
export function keysCommand(): Command {
  const command = new Command('keys')
    .description('list, add, rotate and retire the keys of encrypted fields')
    .addHelpText(
      'after',
      `
Purposes: ${KEY_PURPOSES.join(', ')}. Tables are declared in rampart.config.ts under 'encrypted'.

Examples:
  $ rampart keys list
  $ rampart keys rotate fields     adds a key, seals everything anew, retires the old one; goes on where it was stopped
  $ rampart keys status            counts the fields under each key
  $ rampart keys rewrap            after another key service or wrapping key was named`,
    );
  command.command('list').description('list the keys: never their material').action(list);
  command
    .command('status')
    .description('count the fields under each key, and say what is to be done')
    .action(status);
  purposeCommand(command, 'add', 'add a key that seals from now on').action(add);
  purposeCommand(command, 'rotate', 'add a key, seal everything anew with it, and retire the ones before')
    .addOption(
      new Option('--batch-rows <rows>', 'rows of one transaction').argParser(readRows).default(1_000),
    )
    .option('--keep-old', 'leave the old keys in use')
    .action(rotate);
  command
    .command('rewrap')
    .description('wrap all keys anew by what the environment names now; what they sealed stays as it is')
    .action(rewrap);
  purposeCommand(command, 'retire', 'retire older keys that seal nothing any more')
    .option(
      '--undeclared',
      'also where no declared table can prove it, as with hmac: what they signed is refused',
    )
    .action(retire);
  purposeCommand(command, 'restore', 'take a retired key back into use')
    .argument('<id>', 'such as k1')
    .action(restore);
  for (const one of command.commands) endingOnWrongUsage(one);
  return endingOnWrongUsage(command);
}

function purposeCommand(parent: Command, name: string, about: string): Command {
  const command = parent.command(name).description(about);
  return command.addArgument(
    command.createArgument('<purpose>', 'what the key is for').choices(KEY_PURPOSES),
  );
}

function readRows(text: string): number {
  const rows = Number(text);
  if (!Number.isInteger(rows) || rows < 1 || rows > 10_000)
    throw new OptionsError('--batch-rows', 'expected 1 to 10000');
  return rows;
}

/** Opens the database and its keys; `undefined` where the embedded one is in the hands of a running server. */
async function withKeys<T>(work: (keys: OpenedKeys) => Promise<T>): Promise<T | undefined> {
  const environment = readEnvironment(process.env, false);
  const dataDir = openDataDir(environment.dataDir, environment.secret);
  let sql: SqlStore;
  try {
    sql =
      environment.databaseUrl === undefined
        ? await openEmbedded({ dir: dataDir.database })
        : await openDatabaseServer(environment.databaseUrl);
  } catch (error) {
    if (error instanceof RampartError && error.code === 'EMBEDDED_DATABASE_LOCKED') return undefined;
    throw error;
  }
  try {
    await migrate(sql, migrations);
    const file = environment.configFile ?? findConfigFile(process.cwd());
    const config = readConfig(file === undefined ? {} : await loadConfigFile(file));
    const stores = createStores(sql);
    const bus = sql.kind === 'server' ? postgresBus(sql) : undefined;
    const keys = await openKeys({
      sql,
      clock: systemClock,
      timers: systemTimers,
      ...(bus === undefined ? {} : { bus }),
      secret: dataDir.secret,
      wrappers: wrappersOf(environment.wrapping, dataDir.secret),
      encrypted: config.encrypted,
      node: 'command line',
      log: { warn: complain, error: complain },
      write: (tx, event) => stores.events.write(tx, event),
    });
    try {
      return await work(keys);
    } finally {
      await keys.store.close();
      await bus?.close();
    }
  } finally {
    await sql.close();
  }
}

function complain(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
  const { error, ...rest } = fields;
  const words = Object.entries(rest).map(([name, value]) => `${name} ${String(value)}`);
  if (error instanceof Error) words.push(error.message);
  process.stderr.write(`rampart: ${[message, ...words].join(' ')}\n`);
}

function server<T>(method: string, path: string, body?: unknown): Promise<T> {
  return askServer<T>(readEnvironment(process.env, false).dataDir, method, path, body);
}

async function listed(): Promise<readonly KeyView[]> {
  const own = await withKeys(({ store }) => store.list());
  return own ?? (await server<{ keys: readonly KeyView[] }>('GET', '/admin/keys')).keys;
}

async function list(): Promise<void> {
  say(tableOf(await listed()));
}

async function status(): Promise<void> {
  const counts = new Map<KeyPurpose, Readonly<Record<string, number>>>();
  // Of a server that holds the database its own health says what wraps its keys.
  let wrapper: string | undefined;
  const own = await withKeys(async ({ store, rotation }) => {
    wrapper = store.wrapper;
    for (const purpose of KEY_PURPOSES)
      counts.set(purpose, Object.fromEntries(await rotation.counts(purpose)));
    return store.list();
  });
  const keys = own ?? (await listed());
  if (own === undefined) {
    for (const purpose of KEY_PURPOSES) {
      const path = `/admin/keys/${purpose}/fields`;
      counts.set(purpose, (await server<{ fields: Readonly<Record<string, number>> }>('GET', path)).fields);
    }
  }
  say(tableOf(keys, counts));
  for (const [purpose, fields] of counts)
    if ((fields[''] ?? 0) > 0) say(`${fields['']} fields of ${purpose} were made by no key of ours.`);
  for (const { level, text, remedy } of keyFindings(keys, systemClock.now(), wrapper))
    say(`${level}: ${text}\n  → ${remedy}`);
}

function tableOf(
  keys: readonly KeyView[],
  counts?: ReadonlyMap<KeyPurpose, Readonly<Record<string, number>>>,
): string {
  const head = ['purpose', 'key', 'state', 'wrapped by', 'made', 'uses'];
  return textTable([
    counts === undefined ? head : [...head, 'fields'],
    ...keys.map((key) => [
      key.purpose,
      key.id,
      key.usable || key.state === 'retired' ? key.state : `${key.state}, UNUSABLE HERE`,
      key.wrapper,
      new Date(key.createdAtMs).toISOString().slice(0, 10),
      key.uses,
      ...(counts === undefined ? [] : [counts.get(key.purpose)?.[key.id] ?? 0]),
    ]),
  ]);
}

async function add(purpose: KeyPurpose): Promise<void> {
  const made = await withKeys(({ store }) => store.add(purpose, BY));
  if (made === undefined) throw busy();
  say(`Key '${made.id}' for ${purpose} seals from ${new Date(made.writesFromMs).toISOString()}.`);
}

async function retire(purpose: KeyPurpose, options: { readonly undeclared?: boolean }): Promise<void> {
  const undeclared = options.undeclared === true ? 'retire' : 'keep';
  const found = await withKeys(({ rotation }) => rotation.retireUnused(purpose, BY, undeclared));
  if (found === undefined) throw busy();
  sayRetired(found);
}

async function restore(purpose: KeyPurpose, id: string): Promise<void> {
  const done = await withKeys(async ({ store }) => {
    await store.restore(purpose, id, BY);
    return true;
  });
  if (done === undefined) throw busy();
  say(`Key '${id}' for ${purpose} opens again.`);
}

async function rewrap(): Promise<void> {
  const found = await withKeys(({ store }) => store.rewrap(BY));
  if (found === undefined) throw busy();
  const { wrapper, done, same, failed } = found;
  say(`Wrapped anew by ${wrapper}: ${done.length === 0 ? 'none' : done.join(', ')}. ${same} were already.`);
  for (const { key, reason } of failed) say(`${key} was left as it is: ${reason}`);
  if (failed.length > 0)
    throw new RampartError(
      'KEY_UNWRAP_FAILED',
      'Not all keys could be wrapped anew. Leave what wrapped them before in the environment (RAMPART_WRAPPING_KEY, RAMPART_KMS_OLDER_URL), and try again.',
    );
}

interface RotateOptions {
  readonly batchRows: number;
  readonly keepOld?: boolean;
}

async function rotate(purpose: KeyPurpose, options: RotateOptions): Promise<void> {
  const told = progressLine();
  const done = await withKeys(async ({ rotation }) => {
    const isNew = await rotation.begin(purpose, BY);
    say(isNew ? 'A key was added; it seals in three seconds.' : 'An unfinished rotation goes on.');
    const last = await rotation.run(purpose, { by: BY, batchRows: options.batchRows, onProgress: told });
    if (last !== undefined) sayDone(last);
    if (options.keepOld !== true) sayRetired(await rotation.retireUnused(purpose, BY));
    return true;
  });
  if (done === undefined) await watchServer(purpose, told);
}

/** The running server holds the embedded database: it does the work, and this only looks. */
async function watchServer(purpose: KeyPurpose, told: (progress: RotationProgress) => void): Promise<void> {
  let now = await server<RotationProgress>('POST', '/admin/keys/rotate', { purpose });
  const { id } = now;
  while (now.endedAtMs === null) {
    told(now);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const { rotations } = await server<{ rotations: readonly RotationProgress[] }>('GET', '/admin/keys');
    now = rotations.find((one) => one.id === id) ?? now;
  }
  sayDone(now);
}

/** Prints a line a second at most: rows, rows a second since this process began, and the time that is left. */
function progressLine(): (progress: RotationProgress) => void {
  const beganMs = performance.now();
  let firstRows: number | undefined;
  let nextMs = 0;
  return ({ tables }) => {
    const done = sum(tables.map(({ rowsDone }) => rowsDone));
    const total = Math.max(done, sum(tables.map(({ rowsTotal }) => rowsTotal)));
    firstRows ??= done;
    const now = performance.now();
    if (now < nextMs) return;
    nextMs = now + LINE_MS;
    const perSecond = ((done - firstRows) * 1_000) / Math.max(1, now - beganMs);
    const left = perSecond > 0 ? `${Math.ceil((total - done) / perSecond)} s left` : 'measuring';
    say(`${done} of ${total} rows  ${Math.round(perSecond)} rows/s  ${left}`);
  };
}

function sayDone({ keyId, tables, startedAtMs, endedAtMs }: RotationProgress): void {
  const rows = sum(tables.map(({ rowsDone }) => rowsDone));
  const seconds = ((endedAtMs ?? startedAtMs) - startedAtMs) / 1_000;
  say(`${rows} rows were sealed anew by '${keyId}' in ${seconds.toFixed(1)} s.`);
  const unreadable = sum(tables.map((one) => one.unreadable));
  if (unreadable > 0)
    say(`${unreadable} rows hold fields that cannot be opened; they were left as they are.`);
}

function sayRetired({
  retired,
  kept,
}: {
  readonly retired: readonly string[];
  readonly kept: readonly string[];
}): void {
  if (retired.length > 0) say(`Retired: ${retired.join(', ')}.`);
  if (kept.length > 0) say(`In use, or not proven unused, and kept: ${kept.join(', ')}.`);
}

function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0);
}

function busy(): RampartError {
  return new RampartError(
    'EMBEDDED_DATABASE_LOCKED',
    'The embedded database belongs to the server that runs. Stop it first; rotate alone it does itself.',
  );
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
