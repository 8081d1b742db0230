/**
 * The events become partitions by ranges of their ids, which are ranges of time. What was there stays as it is and where it
 * is, with its indexes, as the oldest one; new events go to a partition with few indexes, the open one.
 *
 * `event_merges` and `event_touches` belong to the merging of partitions: what is merged, and whose rows changed meanwhile.
 * The function that notes them runs as its owner, so that whoever may change events need not be allowed anything here.
 */
export const eventPartitions = `
ALTER TABLE rampart.events RENAME TO events_p1;
DROP TRIGGER events_arrive_at_sinks ON rampart.events_p1;
DO $$
DECLARE
  old regclass := 'rampart.events_p1';
  one record;
BEGIN
  FOR one IN SELECT c.relname AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = old AND c.relname LIKE 'events\\_%' LOOP
    EXECUTE format('ALTER INDEX rampart.%I RENAME TO %I', one.name, 'events_p1' || substr(one.name, length('events') + 1));
  END LOOP;
END
$$;
CREATE TABLE rampart.events (
  LIKE rampart.events_p1 INCLUDING DEFAULTS INCLUDING STORAGE INCLUDING COMMENTS,
  CONSTRAINT events_pkey PRIMARY KEY (id)
) PARTITION BY RANGE (id);
DO $$
DECLARE
  old regclass := 'rampart.events_p1';
  bound text := 'MINVALUE';
  newest text;
  one record;
BEGIN
  IF (SELECT relowner FROM pg_class WHERE oid = old) <> (SELECT oid FROM pg_roles WHERE rolname = current_user) THEN
    EXECUTE format('ALTER TABLE rampart.events OWNER TO %I', pg_get_userbyid((SELECT relowner FROM pg_class WHERE oid = old)));
  END IF;
  FOR one IN
    SELECT a.privilege_type AS what, '' AS part, a.grantee, a.is_grantable
      FROM pg_class c, aclexplode(c.relacl) AS a WHERE c.oid = old AND a.grantee <> c.relowner
    UNION ALL SELECT a.privilege_type, format('(%I)', t.attname), a.grantee, a.is_grantable
      FROM pg_attribute t, aclexplode(t.attacl) AS a WHERE t.attrelid = old AND t.attnum > 0 LOOP
    EXECUTE format('GRANT %s %s ON rampart.events TO %s %s', one.what, one.part,
      CASE one.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(one.grantee)) END,
      CASE WHEN one.is_grantable THEN 'WITH GRANT OPTION' ELSE '' END);
  END LOOP;
  SELECT max(id) INTO newest FROM rampart.events_p1;
  IF newest IS NULL THEN
    DROP TABLE rampart.events_p1;
  ELSE
    bound := quote_literal(newest || '0');
    EXECUTE format('ALTER TABLE rampart.events ATTACH PARTITION rampart.events_p1 FOR VALUES FROM (MINVALUE) TO (%s)', bound);
  END IF;
  EXECUTE format('CREATE TABLE rampart.events_p2 PARTITION OF rampart.events
    FOR VALUES FROM (%s) TO (MAXVALUE) WITH (autovacuum_enabled = false)', bound);
END
$$;
CREATE INDEX events_p2_unsequenced ON rampart.events_p2 (id) WHERE class = 'audit' AND audit_seq IS NULL;
CREATE INDEX events_p2_audit ON rampart.events_p2 (id) WHERE class = 'audit';
CREATE TRIGGER events_arrive_at_sinks AFTER INSERT ON rampart.events
  REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION rampart.sink_arrive();

CREATE TABLE rampart.event_merges (
  target text PRIMARY KEY,
  parts text[] NOT NULL,
  files bigint[] NOT NULL,
  target_file bigint NOT NULL,
  copied text COLLATE "C" NOT NULL DEFAULT '',
  is_copied boolean NOT NULL DEFAULT false,
  begun_at_ms bigint NOT NULL
);
CREATE TABLE rampart.event_touches (id text COLLATE "C" NOT NULL);
CREATE FUNCTION rampart.event_touched() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO rampart.event_touches (id) VALUES (CASE TG_OP WHEN 'DELETE' THEN OLD.id ELSE NEW.id END);
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION rampart.event_touched() FROM PUBLIC;
CREATE TABLE rampart.event_keeping (
  what text PRIMARY KEY,
  at_ms bigint NOT NULL,
  error text
);`;
