/**
 * Tables of the sinks, in the schema `rampart`. Every event that is inserted, by whichever way and process, leaves its id in
 * `sink_arrivals` within its own transaction; from there it is given its place in `sink_feed` (see feed.ts). Nothing is
 * written while no sink is known.
 *
 * The function runs as its owner, so that whoever may insert events need not be allowed anything here.
 */
export const sinkTables = `
CREATE TABLE rampart.sinks (
  name text PRIMARY KEY,
  kind text NOT NULL,
  target text NOT NULL,
  cursor bigint NOT NULL,
  seen_ms bigint NOT NULL,
  holder text,
  held_until_ms bigint NOT NULL DEFAULT 0,
  due_ms bigint NOT NULL DEFAULT 0,
  attempts integer NOT NULL DEFAULT 0,
  sent bigint NOT NULL DEFAULT 0,
  refused bigint NOT NULL DEFAULT 0,
  lost bigint NOT NULL DEFAULT 0,
  sent_at_ms bigint,
  failing_since_ms bigint,
  error text,
  refusal text
);

CREATE TABLE rampart.sink_arrivals (event text COLLATE "C" PRIMARY KEY);

CREATE TABLE rampart.sink_feed (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event text COLLATE "C" NOT NULL,
  at_ms bigint NOT NULL
);

CREATE FUNCTION rampart.sink_arrive() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM rampart.sinks) THEN
    INSERT INTO rampart.sink_arrivals (event) SELECT id FROM arrived ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION rampart.sink_arrive() FROM PUBLIC;
CREATE TRIGGER events_arrive_at_sinks AFTER INSERT ON rampart.events
  REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION rampart.sink_arrive();`;
