import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import { type FaultControl, faultControl } from './control.ts';

/**
 * A twin of a SQL store that fails or waits as the test says. Calls are named `query`, `script`, `begin`,
 * `transaction.query`, `commit`, `lock`, `listen`. A transaction that fails at `commit` was rolled back.
 */
export function faultySql(store: SqlStore): { readonly store: SqlStore; readonly control: FaultControl } {
  const gate = faultControl();
  const runner = (sql: SqlRunner): SqlRunner => ({
    async query(text, values) {
      await gate.enter('transaction.query');
      return sql.query(text, values);
    },
  });
  const twin: SqlStore = {
    kind: store.kind,
    async query(text, values) {
      await gate.enter('query');
      return store.query(text, values);
    },
    async transaction(work) {
      await gate.enter('begin');
      return store.transaction(async (sql) => {
        const result = await work(runner(sql));
        await gate.enter('commit');
        return result;
      });
    },
    async script(text) {
      await gate.enter('script');
      return store.script(text);
    },
    async withLock(name, work) {
      await gate.enter('lock');
      return store.withLock(name, work);
    },
    async listen(channel, handler) {
      await gate.enter('listen');
      return store.listen(channel, handler);
    },
    close: () => store.close(),
  };
  return { store: twin, control: gate };
}
