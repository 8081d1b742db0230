import { AsyncLocalStorage } from 'node:async_hooks';
import { type Clock, systemClock } from '../../core/clock.ts';
import { RampartError } from '../../core/errors.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import { APPLICATION_ROLE, type DatabasePrincipal, principalSettings } from './principal.ts';
import type { RoutedStore } from './routed.ts';
import { StatementCache } from './statement.ts';

/** How {@link principalScope} works. */
export interface ScopeOptions {
  /** Role under which statements run; must own no table and bypass no policy. Default `rampart_app`. */
  readonly role?: string;
}

/** How one transaction for a principal is run. */
export interface ScopedOptions {
  /** Ends the transaction early; it is rolled back. */
  readonly signal?: AbortSignal;
  /** Refuses writes (25006); with replicas it may run on one. Default false. */
  readonly readOnly?: boolean;
}

/** The same for this floor alone. */
interface RunOptions extends ScopedOptions {
  /** Runs last in the transaction, as whoever the connection belongs to: for what the principal has no right to write. */
  readonly after?: (sql: SqlRunner) => Promise<void>;
}

/** Work for one principal. */
export type ScopedWork<T> = (sql: SqlRunner) => Promise<T>;

/** Runs transactions whose rows a principal may see. */
export interface PrincipalScope {
  /**
   * Runs `work` in a transaction under the application's role, with the principal in its settings: row-level security
   * decides. Called inside of such work for the same principal, it joins that transaction.
   * @throws RampartError `DATABASE_SCOPE` on a statement that would leave the scope, on a call for another principal
   *   inside, and on use of the runner after the end; the signal's reason; what `work` and the store throw
   */
  run<T>(principal: DatabasePrincipal, work: ScopedWork<T>, options?: RunOptions): Promise<T>;
  /** Whether the caller stands inside of such work. */
  inside(): boolean;
}

interface Scope {
  readonly principal: DatabasePrincipal;
  readonly sql: SqlRunner;
  open: boolean;
}

/** Statements that end the transaction, change who asks, or hide from their text what they run. */
const REFUSED_VERBS: ReadonlySet<string> = new Set([
  'ABORT',
  'ALTER',
  'BEGIN',
  'CLOSE',
  'COMMIT',
  'COPY',
  'CREATE',
  'DEALLOCATE',
  'DECLARE',
  'DISCARD',
  'DO',
  'DROP',
  'END',
  'EXECUTE',
  'FETCH',
  'GRANT',
  'LISTEN',
  'LOAD',
  'PREPARE',
  'REASSIGN',
  'RELEASE',
  'RESET',
  'REVOKE',
  'ROLLBACK',
  'SAVEPOINT',
  'SET',
  'START',
  'UNLISTEN',
]);
/** Functions that set settings or run text as SQL. */
const REFUSED_WORDS =
  /^(?:SET_CONFIG|(?:QUERY|CURSOR|TABLE|SCHEMA|DATABASE)_TO_XML.*|TS_STAT|DBLINK.*|PG_SETTINGS|PG_READ_.*|PG_LS_.*|LO_IMPORT|LO_EXPORT|U&".*)$/;
const ROLE = /^[a-z_][a-z0-9_]{0,62}$/;

/**
 * Runs work for principals on a store. What a statement's text cannot show (a function of the application's own that
 * calls `set_config`) is the policy author's: row-level security trusts the settings of its transaction.
 * @throws TypeError on a role's name that would have to be quoted
 */
export function principalScope(
  store: SqlStore & Partial<Pick<RoutedStore, 'readTransaction'>>,
  options: ScopeOptions = {},
  ports: { readonly clock?: Clock; readonly statements?: StatementCache } = {},
): PrincipalScope {
  const role = options.role ?? APPLICATION_ROLE;
  if (!ROLE.test(role)) throw new TypeError('role: 1 to 63 of a-z 0-9 _, no digit first');
  const clock = ports.clock ?? systemClock;
  const statements = ports.statements ?? new StatementCache();
  const scopes = new AsyncLocalStorage<Scope>();
  const guarded = (sql: SqlRunner, isOpen: () => boolean): SqlRunner => ({
    async query(text, values) {
      if (!isOpen()) throw outOfScope('The transaction of this principal has ended.');
      const { verb, words } = statements.read(text);
      const word = REFUSED_VERBS.has(verb) ? verb : [...words].find((one) => REFUSED_WORDS.test(one));
      if (word !== undefined) throw outOfScope(`${word} has no place in the transaction of a principal.`);
      return sql.query(text, values);
    },
  });
  return {
    inside: () => scopes.getStore()?.open === true,
    async run(principal, work, { signal, readOnly = false, after } = {}) {
      signal?.throwIfAborted();
      const around = scopes.getStore();
      if (around?.open === true) {
        if (!sameCaller(around.principal, principal))
          throw outOfScope('Inside of the work of one principal there is no work of another one.');
        if (after !== undefined)
          throw outOfScope(
            'Inside of the work of a principal no sensitive rows are read: read them before it.',
          );
        return work(around.sql);
      }
      const transaction: SqlStore['transaction'] =
        readOnly && store.readTransaction
          ? (one) => (store as RoutedStore).readTransaction(one)
          : (one) => store.transaction(one);
      return transaction(async (sql) => {
        // One statement, one way to the server: the role and all settings, local to this transaction.
        const settings = [['role', role], ...principalSettings(principal, clock.now())] as const;
        if (readOnly) await sql.query('SET TRANSACTION READ ONLY');
        await sql.query(
          `SELECT ${settings.map((_, i) => `pg_catalog.set_config($${2 * i + 1}, $${2 * i + 2}, true)`).join(', ')}`,
          settings.flat(),
        );
        const scope: Scope = {
          principal,
          open: true,
          sql: guarded(sql, () => scope.open && signal?.aborted !== true),
        };
        const value = await orAborted(
          scopes.run(scope, () => work(scope.sql)),
          signal,
        ).finally(() => (scope.open = false));
        if (after !== undefined) {
          await sql.query("SELECT pg_catalog.set_config('role', 'none', true)");
          await after(sql);
        }
        return value;
      });
    },
  };
}

function sameCaller(one: DatabasePrincipal, other: DatabasePrincipal): boolean {
  return JSON.stringify(principalSettings(one, 0)) === JSON.stringify(principalSettings(other, 0));
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (signal.aborted) onAbort();
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    work.catch(() => undefined);
  }
}

function outOfScope(message: string): RampartError {
  return new RampartError('DATABASE_SCOPE', message);
}
