/** What is known of files that people sent, and what became of them; the files themselves lie in the data folder. */
export const uploadTables = `
CREATE TABLE rampart.uploads (
  id text COLLATE "C" PRIMARY KEY,
  upload text COLLATE "C" NOT NULL,
  owner text COLLATE "C",
  state text NOT NULL CHECK (state IN ('kept', 'held', 'infected', 'refused')),
  reason text,
  signature text,
  type text,
  extension text NOT NULL,
  display_name text NOT NULL,
  bytes bigint NOT NULL,
  sha256 text,
  flags jsonb NOT NULL,
  width integer,
  height integer,
  address text,
  decision text,
  at_ms bigint NOT NULL,
  changed_by text,
  changed_at_ms bigint
);
CREATE INDEX uploads_state ON rampart.uploads (state, id);
CREATE INDEX uploads_owner ON rampart.uploads (owner, id) WHERE owner IS NOT NULL;`;
