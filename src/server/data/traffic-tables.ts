/** Widths to which stored buckets are summed up, milliseconds, the widest first: hours, and ten minutes. */
export const SUM_WIDTHS_MS: readonly number[] = [3_600_000, 600_000];

const COUNTS = ['allowed', 'answered', 'challenged', 'limited', 'blocked', 'would_refuse'] as const;

const columns = (write: (name: string) => string): string => COUNTS.map(write).join(', ');

/** Adds rows of traffic to the sums. @param rows what gives them, with the columns of `rampart.traffic` */
const addFrom = (rows: string): string => `
INSERT INTO rampart.traffic_sums AS there (width_ms, bucket_ms, node, route, ${columns((name) => name)})
SELECT width_ms, bucket_ms - bucket_ms % width_ms, node, route, ${columns((name) => `sum(${name})`)}
FROM ${rows} CROSS JOIN (VALUES ${SUM_WIDTHS_MS.map((width) => `(${width}::bigint)`).join(', ')}) AS widths (width_ms)
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
ON CONFLICT (width_ms, bucket_ms, node, route) DO UPDATE SET
  ${columns((name) => `${name} = there.${name} + excluded.${name}`)};`;

const CHANGED = `(SELECT bucket_ms, node, route, ${columns((name) => name)} FROM counted
  UNION ALL SELECT bucket_ms, node, route, ${columns((name) => `-${name}`)} FROM was) AS changed`;

/**
 * Sums of the traffic, so that a wide span is not made of ten-second buckets. They are kept within the transaction of each
 * count, by whichever process and version it is written: never one of them without the other. Sums outlive the buckets that
 * retention deletes, and go by an age of their own.
 *
 * The function runs as its owner, so that whoever may count need not be allowed anything here.
 */
export const trafficSums = `
CREATE TABLE rampart.traffic_sums (
  width_ms bigint NOT NULL,
  bucket_ms bigint NOT NULL,
  node text NOT NULL,
  route text NOT NULL,
  ${COUNTS.map((name) => `${name} bigint NOT NULL`).join(',\n  ')},
  PRIMARY KEY (width_ms, bucket_ms, node, route)
);

CREATE FUNCTION rampart.traffic_sum() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    TRUNCATE rampart.traffic_sums;
  ELSIF TG_OP = 'INSERT' THEN
    ${addFrom('counted')}
  ELSE
    ${addFrom(CHANGED)}
  END IF;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION rampart.traffic_sum() FROM PUBLIC;
LOCK TABLE rampart.traffic IN SHARE ROW EXCLUSIVE MODE;
CREATE TRIGGER traffic_inserted AFTER INSERT ON rampart.traffic
  REFERENCING NEW TABLE AS counted FOR EACH STATEMENT EXECUTE FUNCTION rampart.traffic_sum();
CREATE TRIGGER traffic_updated AFTER UPDATE ON rampart.traffic
  REFERENCING OLD TABLE AS was NEW TABLE AS counted FOR EACH STATEMENT EXECUTE FUNCTION rampart.traffic_sum();
CREATE TRIGGER traffic_truncated AFTER TRUNCATE ON rampart.traffic
  FOR EACH STATEMENT EXECUTE FUNCTION rampart.traffic_sum();
${addFrom('rampart.traffic')}`;
