/** Tables of the device part. One browser may stand in several rows: one for each account that it has signed in to. */
export const deviceTables = `
CREATE TABLE rampart.identity_devices (
  id text COLLATE "C" NOT NULL,
  account text COLLATE "C" NOT NULL,
  secret_hash text NOT NULL,
  family text NOT NULL,
  platform text NOT NULL,
  language text,
  timezone text,
  country text,
  city text,
  first_seen_at_ms bigint NOT NULL,
  last_seen_at_ms bigint NOT NULL,
  removed_at_ms bigint,
  PRIMARY KEY (id, account)
);
CREATE INDEX identity_devices_account ON rampart.identity_devices (account, last_seen_at_ms);
CREATE INDEX identity_devices_age ON rampart.identity_devices (last_seen_at_ms);

CREATE TABLE rampart.identity_places (
  account text COLLATE "C" NOT NULL,
  country text COLLATE "C" NOT NULL,
  city text COLLATE "C" NOT NULL,
  last_seen_at_ms bigint NOT NULL,
  PRIMARY KEY (account, country, city)
);
CREATE INDEX identity_places_age ON rampart.identity_places (last_seen_at_ms);
`;

/** A device on which somebody has signed in to an account. */
export interface DeviceRow {
  /** `dev_…`, the same in all rows of one browser. */
  id: string;
  account: string;
  /** SHA-256 of the cookie's secret, base64url. */
  secret_hash: string;
  /** Browser and operating system, coarsely: `agentOf`. */
  family: string;
  platform: string;
  /** Primary language, such as `en`. */
  language: string | null;
  /** IANA name. */
  timezone: string | null;
  /** Where it was seen last. */
  country: string | null;
  city: string | null;
  first_seen_at_ms: number;
  last_seen_at_ms: number;
  /** Not known any more; the row stays, so that its cookie does not become known again. */
  removed_at_ms: number | null;
}

/** A place from which somebody has signed in to an account. */
export interface PlaceRow {
  account: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
  /** Empty where only the country is known. */
  city: string;
  last_seen_at_ms: number;
}

/** Names of the tables, for the query builder. */
export interface DeviceTables {
  'rampart.identity_devices': DeviceRow;
  'rampart.identity_places': PlaceRow;
}
