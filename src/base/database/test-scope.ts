import { randomBytes } from 'node:crypto';
import type { SqlStore } from '../../ports/sql.ts';
import { settingSql } from './principal.ts';

/** A table `notes` of which everybody sees his own rows, and the role under which it is read. */
export async function notesOf(
  store: SqlStore,
  users: number,
): Promise<{ readonly role: string; drop(): Promise<void> }> {
  const role = `rampart_test_${randomBytes(5).toString('hex')}`;
  await store.script(`
    CREATE ROLE ${role} NOLOGIN;
    CREATE TABLE notes (id int PRIMARY KEY, owner text NOT NULL, body text NOT NULL);
    INSERT INTO notes SELECT n, 'user:' || n % ${users}, 'note ' || n FROM generate_series(0, ${users * 3 - 1}) AS n;
    ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
    ALTER TABLE notes FORCE ROW LEVEL SECURITY;
    CREATE POLICY own ON notes USING (owner = ${settingSql('user')});
    GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO ${role};`);
  return {
    role,
    drop: () => store.script(`DROP TABLE notes; DROP ROLE ${role};`),
  };
}
