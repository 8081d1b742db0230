import type { KeyPurpose } from '../../base/secrets/index.ts';
import type { SqlRunner } from '../../ports/sql.ts';

/** A key as it stands in the table. */
export interface KeyRow {
  readonly purpose: KeyPurpose;
  readonly id: string;
  /** What it is wrapped by, such as `secret`. */
  readonly wrapper: string;
  /** Null where it is not kept but derived from the house's secret. */
  readonly wrapped: string | null;
  readonly key_check: string;
  readonly created_at_ms: number;
  readonly created_by: string;
  readonly writes_from_ms: number;
  readonly retired_at_ms: number | null;
  readonly uses: number;
}

/** What a key does at present. */
export type KeyState = 'pending' | 'active' | 'decrypt-only' | 'retired';

/** A key for people: never its material. */
export interface KeyView {
  readonly purpose: KeyPurpose;
  readonly id: string;
  readonly state: KeyState;
  readonly wrapper: string;
  /** Whether this node can use it; retired ones are not tried. */
  readonly usable: boolean;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly writesFromMs: number;
  readonly retiredAtMs: number | null;
  /** Seals, as far as all nodes have told: up to a minute behind. */
  readonly uses: number;
}

/** Says of each key of one purpose what it does. @param rows of one purpose */
export function statesOf(rows: readonly KeyRow[], nowMs: number): ReadonlyMap<string, KeyState> {
  const standing = rows
    .filter((row) => row.retired_at_ms === null)
    .toSorted((a, b) => b.writes_from_ms - a.writes_from_ms);
  const active = standing.find((row) => row.writes_from_ms <= nowMs) ?? standing.at(-1);
  return new Map(
    rows.map((row) => {
      if (row.retired_at_ms !== null) return [row.id, 'retired'];
      if (row === active) return [row.id, 'active'];
      return [row.id, row.writes_from_ms > nowMs ? 'pending' : 'decrypt-only'];
    }),
  );
}

/** `k1`, `k2` …: the one after the highest. */
export function nextId(rows: readonly { readonly id: string }[]): string {
  return `k${1 + Math.max(0, ...rows.map(({ id }) => Number(/^k(\d{1,9})$/.exec(id)?.[1] ?? 0)))}`;
}

/** Writes a new key. */
export async function insertKey(sql: SqlRunner, row: KeyRow): Promise<void> {
  await sql.query(
    `INSERT INTO rampart.keys (purpose, id, wrapper, wrapped, key_check, created_at_ms, created_by, writes_from_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      row.purpose,
      row.id,
      row.wrapper,
      row.wrapped,
      row.key_check,
      row.created_at_ms,
      row.created_by,
      row.writes_from_ms,
    ],
  );
}
