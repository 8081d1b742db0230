/** What people decided about the shield while it runs: exclusions, and reports of false alarms. */
export const shieldTables = `
CREATE TABLE rampart.shield_exclusions (
  id text COLLATE "C" PRIMARY KEY,
  state text NOT NULL CHECK (state IN ('draft', 'live', 'withdrawn')),
  route text,
  field text,
  rules jsonb NOT NULL,
  reason text NOT NULL,
  created_by text NOT NULL,
  created_at_ms bigint NOT NULL,
  changed_by text,
  changed_at_ms bigint,
  replay jsonb
);
CREATE INDEX shield_exclusions_state ON rampart.shield_exclusions (state, id);

CREATE TABLE rampart.false_alarms (
  id text COLLATE "C" PRIMARY KEY,
  decision text COLLATE "C" NOT NULL UNIQUE,
  state text NOT NULL CHECK (state IN ('open', 'accepted', 'dismissed')),
  note text NOT NULL,
  reported_by text NOT NULL,
  at_ms bigint NOT NULL,
  guard text,
  route text,
  address text,
  findings jsonb NOT NULL,
  settled_by text,
  settled_at_ms bigint,
  exclusion text
);
CREATE INDEX false_alarms_state ON rampart.false_alarms (state, id);`;
