/**
 * What is searched in a text: sentence, subject and the texts among the details. The index stands on this very
 * expression, so that a query has to use the same.
 */
export const EVENT_WORDS = `(to_tsvector('simple'::regconfig, about || ' ' || coalesce(subject, ''))
  || jsonb_to_tsvector('simple'::regconfig, details, '["string"]'::jsonb))`;

/**
 * More of what is known of an event, and the indexes by which it is found. Each goes by the value and then by id, so that
 * the newest of a value are read off its end; those of columns that are seldom filled hold only what is filled.
 */
export const eventSearch = `
ALTER TABLE rampart.events ADD COLUMN ip inet, ADD COLUMN session text, ADD COLUMN user_agent text,
  ADD COLUMN place text, ADD COLUMN request text, ADD COLUMN trace text,
  ADD COLUMN resolved_at_ms bigint, ADD COLUMN resolved_by text;

CREATE FUNCTION pg_temp.inet_of(given text) RETURNS inet LANGUAGE plpgsql AS $$
BEGIN
  RETURN given::inet;
EXCEPTION WHEN data_exception THEN
  RETURN NULL;
END
$$;
UPDATE rampart.events SET ip = pg_temp.inet_of(address) WHERE address IS NOT NULL;

CREATE INDEX events_ip ON rampart.events (ip, id) WHERE ip IS NOT NULL;
CREATE INDEX events_route ON rampart.events (route, id) WHERE route IS NOT NULL;
CREATE INDEX events_session ON rampart.events (session, id) WHERE session IS NOT NULL;
CREATE INDEX events_decision ON rampart.events (decision, id) WHERE decision IS NOT NULL;
CREATE INDEX events_request ON rampart.events (request, id) WHERE request IS NOT NULL;
CREATE INDEX events_trace ON rampart.events (trace, id) WHERE trace IS NOT NULL;
CREATE INDEX events_audit ON rampart.events (id) WHERE class = 'audit';
CREATE INDEX events_resolved ON rampart.events (id) WHERE resolved_at_ms IS NOT NULL;
CREATE INDEX events_words ON rampart.events USING gin (${EVENT_WORDS}) WITH (gin_pending_list_limit = 1024);`;
