/** What is searched in a text: sentence, subject and the texts among the details. */
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

/** Characters of an id that tell the span of its lexeme of time, by the name of the lexeme; the widest first. */
export const TIME_LEXEMES = { 'era ': 8, 'span ': 9 } as const;
/** Characters of a value that stand in its lexeme: a lexeme has a bound of bytes, and a longer one would refuse the event. */
export const MAX_LEXEME_TEXT = 200;

/** Columns whose values stand among the words, each as one lexeme: its name, a space, which no word holds, and the value. */
const LEXEMES = { type: 'type', ip: 'host(ip)', actor: 'actor', route: 'route' } as const;
/** Name of such a lexeme. */
export type LexemeName = keyof typeof LEXEMES;

/**
 * Words of an event together with what else a search for words is narrowed by, so that one index tells where they meet. The
 * index stands on this very expression: a query has to use the same.
 *
 * Lexemes of time are the first characters of the id, whose time is written to base 32: 9.3 hours, and 12.4 days.
 */
export const EVENT_TERMS = `(${EVENT_WORDS} || array_to_tsvector(array_remove(ARRAY[${[
  ...Object.entries(TIME_LEXEMES).map(([name, length]) => `'${name}' || left(id, ${length})`),
  ...Object.entries(LEXEMES).map(([name, value]) => `'${name} ' || left(${value}, ${MAX_LEXEME_TEXT})`),
].join(', ')}], NULL)))`;

/** One index of words and the rest in the place of that of words alone. */
export const eventTerms = `
DROP INDEX rampart.events_words;
CREATE INDEX events_terms ON rampart.events USING gin (${EVENT_TERMS}) WITH (gin_pending_list_limit = 4096);`;

/** What part of time an event is of: 9.3 hours. Indexes stand on this very expression. */
export const EVENT_PART = '(at_ms >> 25)';

/** Columns that tell few events apart, in no order of time: their index begins with the part of time. */
const IDS = ['session', 'request', 'trace'] as const;

/**
 * Ids that know no order would be written all over an index, and each event would bring in, change and log a page of it for
 * each of them. Behind the part of time they meet in what is at hand; whoever looks for one asks a few hundred parts.
 */
export const eventParts = IDS.map(
  (column) => `
DROP INDEX rampart.events_${column};
CREATE INDEX events_${column}_by_part ON rampart.events (${EVENT_PART}, ${column}) WHERE ${column} IS NOT NULL;`,
).join('');
