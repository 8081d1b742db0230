/**
 * Tables of the log, in the schema `rampart`. A leaf is never changed and never deleted: a trigger refuses it, which keeps
 * mistakes away; whoever may drop the trigger is found by the signed checkpoints.
 */
export const auditTables = `
ALTER TABLE rampart.events ADD COLUMN audit_seq bigint;
CREATE INDEX events_unsequenced ON rampart.events (id) WHERE class = 'audit' AND audit_seq IS NULL;

CREATE TABLE rampart.audit_leaves (
  seq bigint PRIMARY KEY,
  event_id text COLLATE "C" NOT NULL UNIQUE,
  leaf bytea NOT NULL,
  sequenced_us bigint NOT NULL,
  who_tag text NOT NULL,
  who_commit text NOT NULL,
  what_tag text NOT NULL,
  what_commit text NOT NULL,
  erases text NOT NULL
);
CREATE INDEX audit_leaves_who ON rampart.audit_leaves (who_tag, seq);
CREATE INDEX audit_leaves_what ON rampart.audit_leaves (what_tag, seq);

CREATE TABLE rampart.audit_nodes (
  level smallint NOT NULL,
  idx bigint NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (level, idx)
);

CREATE TABLE rampart.audit_log (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  log_id text NOT NULL,
  size bigint NOT NULL,
  edge bytea NOT NULL,
  sequenced_us bigint NOT NULL,
  verified jsonb
);

CREATE TABLE rampart.audit_checkpoints (
  origin text NOT NULL,
  size bigint NOT NULL,
  made_us bigint NOT NULL,
  node text NOT NULL,
  note text NOT NULL,
  PRIMARY KEY (origin, size)
);

CREATE TABLE rampart.audit_holders (
  holder text PRIMARY KEY,
  key bytea NOT NULL
);

CREATE FUNCTION rampart.audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = '42501';
END
$$;
CREATE TRIGGER audit_leaves_append_only BEFORE UPDATE OR DELETE ON rampart.audit_leaves
  FOR EACH ROW EXECUTE FUNCTION rampart.audit_append_only();
CREATE TRIGGER audit_nodes_append_only BEFORE UPDATE OR DELETE ON rampart.audit_nodes
  FOR EACH ROW EXECUTE FUNCTION rampart.audit_append_only();`;
