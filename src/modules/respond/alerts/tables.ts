/** Tables of alerts. Times are milliseconds since the epoch. */
export const alertTables = `
CREATE TABLE rampart.alerts (
  id text COLLATE "C" PRIMARY KEY,
  rule text COLLATE "C" NOT NULL,
  group_key text COLLATE "C" NOT NULL,
  title text NOT NULL,
  description text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
  state text NOT NULL CHECK (state IN ('ACTIVE', 'INVESTIGATING', 'RESOLVED', 'FALSE_POSITIVE')),
  rank smallint NOT NULL,
  count bigint NOT NULL,
  first_at_ms bigint NOT NULL,
  last_at_ms bigint NOT NULL,
  assignee text,
  snoozed_until_ms bigint,
  snoozed_until_count bigint,
  snoozed_at_count bigint,
  reopened integer NOT NULL,
  escalates_at_ms bigint,
  escalations integer NOT NULL,
  told_at_ms bigint,
  settled_at_ms bigint,
  changed_by text,
  changed_at_ms bigint,
  recommended jsonb NOT NULL,
  events jsonb NOT NULL,
  part text,
  part_count bigint NOT NULL,
  next_at_ms bigint
);
CREATE INDEX alerts_thing ON rampart.alerts (rule, group_key, id);
CREATE INDEX alerts_rank ON rampart.alerts (rank, id);
CREATE INDEX alerts_next ON rampart.alerts (next_at_ms) WHERE next_at_ms IS NOT NULL;
CREATE INDEX alerts_state ON rampart.alerts (state, settled_at_ms);

CREATE TABLE rampart.alert_notes (
  place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  alert text COLLATE "C" NOT NULL REFERENCES rampart.alerts (id) ON DELETE CASCADE,
  at_ms bigint NOT NULL,
  by text,
  kind text NOT NULL,
  note text NOT NULL
);
CREATE INDEX alert_notes_alert ON rampart.alert_notes (alert, place);

-- Events that were taken in: none is counted twice, whichever node looks at it.
CREATE TABLE rampart.alert_seen (
  event text COLLATE "C" PRIMARY KEY
);

CREATE TABLE rampart.alert_storm (
  id smallint PRIMARY KEY CHECK (id = 1),
  window_start_ms bigint NOT NULL,
  told integer NOT NULL,
  critical integer NOT NULL,
  held integer NOT NULL,
  raging boolean NOT NULL,
  digest_at_ms bigint
);
INSERT INTO rampart.alert_storm VALUES (1, 0, 0, 0, 0, false, NULL);

CREATE TABLE rampart.alert_deliveries (
  id text COLLATE "C" PRIMARY KEY,
  -- What is told of one alert is told in this order.
  place bigint GENERATED ALWAYS AS IDENTITY,
  alert text COLLATE "C" REFERENCES rampart.alerts (id) ON DELETE CASCADE,
  channel text COLLATE "C" NOT NULL,
  cause text NOT NULL,
  severity text NOT NULL,
  -- Of a digest: how many alerts it is about.
  about integer NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'sent', 'given-up')),
  at_ms bigint NOT NULL,
  due_at_ms bigint NOT NULL,
  attempts integer NOT NULL,
  claimed_by text,
  claimed_until_ms bigint,
  done_at_ms bigint
);
CREATE INDEX alert_deliveries_due ON rampart.alert_deliveries (due_at_ms) WHERE state = 'waiting';
CREATE INDEX alert_deliveries_alert ON rampart.alert_deliveries (alert, channel, place);

CREATE TABLE rampart.alert_channels (
  name text COLLATE "C" PRIMARY KEY,
  sent_at_ms bigint,
  failed_at_ms bigint,
  error text
);`;

/** Which alerts name an event, and which are about somebody. */
export const alertOriginIndexes = `
CREATE INDEX alerts_events ON rampart.alerts USING gin (events);
CREATE INDEX alerts_about ON rampart.alerts USING gin (string_to_array(group_key, ' '));`;
