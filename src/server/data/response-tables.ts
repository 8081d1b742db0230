/** Automatic responses, past and present. Of those that may act, one for each responder and target. */
export const responseTables = `
CREATE TABLE rampart.responses (
  id text COLLATE "C" PRIMARY KEY,
  state text NOT NULL CHECK (state IN
    ('shadow', 'waiting', 'staged', 'full', 'expired', 'undone', 'rolled-back', 'refused')),
  responder text NOT NULL,
  target text NOT NULL,
  automatic boolean NOT NULL,
  lease jsonb NOT NULL,
  cost_traffic double precision NOT NULL,
  cost_accounts double precision NOT NULL,
  acted boolean NOT NULL,
  started_at_ms bigint NOT NULL,
  ended_at_ms bigint
);
CREATE UNIQUE INDEX responses_open ON rampart.responses (responder, target)
  WHERE state IN ('shadow', 'waiting', 'staged', 'full');
CREATE INDEX responses_state ON rampart.responses (state, id);`;

/** Which alert a response was begun for. */
export const responseAlertColumn = `
ALTER TABLE rampart.responses ADD COLUMN alert text COLLATE "C";
UPDATE rampart.responses SET alert = lease->>'alert' WHERE lease->>'alert' IS NOT NULL;
CREATE INDEX responses_alert ON rampart.responses (alert, id) WHERE alert IS NOT NULL;`;

/** How many requests all nodes together have seen a response meet. */
export const responseMetColumn = 'ALTER TABLE rampart.responses ADD COLUMN met bigint NOT NULL DEFAULT 0;';

/** Which responses name an event as evidence. */
export const responseEvidenceIndex =
  "CREATE INDEX responses_evidence ON rampart.responses USING gin ((lease->'evidence'));";
