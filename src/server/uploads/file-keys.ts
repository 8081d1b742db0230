import { type FileKeys, fileKeyContext } from '../../base/secrets/index.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import type { BoxedColumn } from '../keys/sealed.ts';

/** Sealed keys of files that are held or in quarantine; each goes with its file. */
export const fileKeyTables = `
CREATE TABLE rampart.file_keys (
  id text COLLATE "C" PRIMARY KEY,
  sealed text COLLATE "C" NOT NULL
);`;

/** What a rotation of the box's keys goes through. */
export const FILE_KEY_COLUMN: BoxedColumn = {
  table: 'rampart.file_keys',
  key: 'id',
  column: 'sealed',
  contextOf: fileKeyContext,
};

/** Keys of files, in the database. */
export function sqlFileKeys(sql: SqlRunner): FileKeys {
  return {
    async add(id, sealed) {
      const text = 'INSERT INTO rampart.file_keys (id, sealed) VALUES ($1, $2) ON CONFLICT DO NOTHING';
      const { affected } = await sql.query(text, [id, sealed]);
      if (affected !== 1) throw Object.assign(new Error('There is such a file.'), { code: 'EEXIST' });
    },
    async find(id) {
      const { rows } = await sql.query('SELECT sealed FROM rampart.file_keys WHERE id = $1', [id]);
      return rows[0] === undefined ? undefined : String(rows[0]['sealed']);
    },
    async remove(id) {
      await sql.query('DELETE FROM rampart.file_keys WHERE id = $1', [id]);
    },
  };
}
