/** Tables of keys and their rotations, in the schema `rampart`. Times are milliseconds since the epoch. */
export const keyTables = `
CREATE TABLE rampart.keys (
  purpose text NOT NULL,
  id text NOT NULL,
  wrapper text NOT NULL,
  wrapped text,
  key_check text NOT NULL,
  created_at_ms bigint NOT NULL,
  created_by text NOT NULL,
  writes_from_ms bigint NOT NULL,
  retired_at_ms bigint,
  uses bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (purpose, id)
);

CREATE TABLE rampart.key_rotations (
  id text COLLATE "C" PRIMARY KEY,
  purpose text NOT NULL,
  key_id text NOT NULL,
  started_at_ms bigint NOT NULL,
  started_by text NOT NULL,
  ended_at_ms bigint
);
CREATE UNIQUE INDEX key_rotations_running ON rampart.key_rotations (purpose) WHERE ended_at_ms IS NULL;

CREATE TABLE rampart.key_rotation_tables (
  rotation text COLLATE "C" NOT NULL REFERENCES rampart.key_rotations (id) ON DELETE CASCADE,
  table_name text NOT NULL,
  last_key text,
  rows_total bigint NOT NULL,
  rows_done bigint NOT NULL DEFAULT 0,
  unreadable bigint NOT NULL DEFAULT 0,
  done_at_ms bigint,
  PRIMARY KEY (rotation, table_name)
);`;
