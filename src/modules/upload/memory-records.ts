import type { UploadRecords, UploadRow } from './ports.ts';

/** Rows of this process alone, for scripts and tests; beyond `maxRows` the oldest are forgotten. */
export function memoryRecords(maxRows = 10_000): UploadRecords {
  const rows = new Map<string, UploadRow>();
  return {
    add(added) {
      for (const row of added) rows.set(row.id, row);
      for (const id of rows.keys()) {
        if (rows.size <= maxRows) break;
        rows.delete(id);
      }
      return Promise.resolve();
    },
    get: (id) => Promise.resolve(rows.get(id)),
    list({ upload, owner, states, before, limit, order = 'newest' }) {
      const found = [...rows.values()].filter(
        (row) =>
          (upload === undefined || row.upload === upload) &&
          (owner === undefined || row.owner === owner) &&
          (states === undefined || states.includes(row.state)) &&
          (before === undefined || row.id < before),
      );
      const sorted = found.toSorted((a, b) => (a.id < b.id ? -1 : 1));
      return Promise.resolve((order === 'newest' ? sorted.toReversed() : sorted).slice(0, limit));
    },
    change(id, from, change, nowMs) {
      const row = rows.get(id);
      if (row?.state !== from) return Promise.resolve(false);
      rows.set(id, { ...row, ...change, changedAtMs: nowMs });
      return Promise.resolve(true);
    },
    remove(id, states) {
      const row = rows.get(id);
      return Promise.resolve(row !== undefined && states.includes(row.state) && rows.delete(id));
    },
  };
}
