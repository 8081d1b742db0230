/**
 * Tables of the grants, in the schema `rampart`, which must be there. Every change takes the one row of `access_state`
 * first: changes come one after the other, and a version names each of them.
 */
export const accessTables = `
CREATE TABLE rampart.access_state (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  version bigint NOT NULL
);
INSERT INTO rampart.access_state (version) VALUES (0);

CREATE TABLE rampart.access_changes (
  version bigint NOT NULL,
  what text NOT NULL,
  at_ms bigint NOT NULL,
  PRIMARY KEY (version, what)
);

CREATE TABLE rampart.access_assignments (
  id text COLLATE "C" PRIMARY KEY,
  subject text COLLATE "C" NOT NULL,
  role text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  granted_by text NOT NULL,
  granted_at_ms bigint NOT NULL,
  expires_at_ms bigint,
  ended_at_ms bigint,
  ended_by text
);
CREATE UNIQUE INDEX access_assignments_standing ON rampart.access_assignments (subject, role)
  WHERE ended_at_ms IS NULL;
CREATE INDEX access_assignments_role ON rampart.access_assignments (role, id);

CREATE TABLE rampart.access_requests (
  id text COLLATE "C" PRIMARY KEY,
  subject text COLLATE "C" NOT NULL,
  role text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  expires_at_ms bigint,
  requested_by text NOT NULL,
  requested_at_ms bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'approved', 'refused')),
  decided_by text,
  decided_at_ms bigint,
  note text
);
CREATE INDEX access_requests_open ON rampart.access_requests (id) WHERE state = 'open';

CREATE TABLE rampart.access_services (
  id text COLLATE "C" PRIMARY KEY,
  name text NOT NULL,
  about text NOT NULL,
  responsible text NOT NULL,
  created_by text NOT NULL,
  created_at_ms bigint NOT NULL,
  disabled_at_ms bigint,
  disabled_by text
);

CREATE TABLE rampart.access_keys (
  id text COLLATE "C" PRIMARY KEY,
  service text COLLATE "C" NOT NULL REFERENCES rampart.access_services (id),
  name text NOT NULL,
  hash text NOT NULL,
  hint text NOT NULL,
  scopes text[] NOT NULL,
  created_by text NOT NULL,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  last_used_at_ms bigint,
  replaced_by text,
  revoked_at_ms bigint,
  revoked_by text
);
CREATE INDEX access_keys_service ON rampart.access_keys (service, id);

CREATE TABLE rampart.access_reviews (
  id text COLLATE "C" PRIMARY KEY,
  name text NOT NULL,
  reviewer text NOT NULL,
  created_by text NOT NULL,
  created_at_ms bigint NOT NULL,
  due_at_ms bigint NOT NULL,
  closed_at_ms bigint,
  closed_by text
);

CREATE TABLE rampart.access_review_items (
  review text COLLATE "C" NOT NULL REFERENCES rampart.access_reviews (id) ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('assignment', 'key')),
  target text COLLATE "C" NOT NULL,
  subject text NOT NULL,
  what text NOT NULL,
  last_used_at_ms bigint,
  decision text CHECK (decision IN ('keep', 'revoke')),
  decided_by text,
  decided_at_ms bigint,
  note text,
  PRIMARY KEY (review, kind, target)
);
`;

/** Added later: when it was told that a review is overdue. */
export const accessOverdueColumn = `ALTER TABLE rampart.access_reviews ADD COLUMN overdue_told_at_ms bigint;
CREATE INDEX access_reviews_waiting ON rampart.access_reviews (due_at_ms) WHERE closed_at_ms IS NULL;
`;
