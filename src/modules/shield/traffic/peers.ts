/** What a node tells the others of its clients. */
export interface ClientReport {
  /** Clients that send much, with what each sent to this node within the last 57 seconds, in requests. */
  readonly counts: readonly (readonly [client: string, requests: number])[];
  /** Clients that were blocked: what they sent until then is forgotten. */
  readonly over: readonly string[];
}

/** Clients of one report at most: it has to fit a message. */
export const MAX_REPORTED = 60;

const MAX_NODES = 256;
const MAX_CLIENT_CHARS = 64;
/**
 * How long a report counts. It tells of 57 seconds: up to three seconds after it was made, all of it lies within the last
 * minute. One of them is left for its way here.
 */
const VALID_MS = 2_000;

/** What clients sent to other nodes within the last minute: never more than the truth. Reports come every second, or are too old. */
export class PeerCounts {
  readonly #nodes = new Map<
    string,
    { readonly untilMs: number; readonly counts: ReadonlyMap<string, number> }
  >();
  readonly #over = new Map<string, number>();

  /** Takes over what a node says: all of its clients that send much. @param atMs of a clock that never steps back */
  hear(node: string, { counts }: ClientReport, atMs: number): void {
    this.#nodes.delete(node);
    if (counts.length > 0 && this.#nodes.size < MAX_NODES)
      this.#nodes.set(node, { untilMs: atMs + VALID_MS, counts: new Map(counts) });
  }

  /** Requests of a client within the last minute, on all other nodes together. */
  minute(client: string, atMs: number): number {
    if (this.#nodes.size === 0) return 0;
    const over = this.#over.get(client);
    if (over !== undefined) {
      if (over > atMs) return 0;
      this.#over.delete(client);
    }
    let sum = 0;
    for (const [node, { untilMs, counts }] of this.#nodes)
      if (untilMs <= atMs) this.#nodes.delete(node);
      else sum += counts.get(client) ?? 0;
    return sum;
  }

  /** What was told of a client so far, or is under way, counts no more. */
  forget(client: string, atMs: number): void {
    if (this.#over.size >= MAX_NODES) this.#over.clear();
    this.#over.set(client, atMs + VALID_MS);
  }
}

/** Reads a report that another node sent; `undefined` for what cannot be read. */
export function readClientReport(given: unknown): ClientReport | undefined {
  const { counts, over } = (given ?? {}) as { counts?: unknown; over?: unknown };
  if (!isList(counts) || !isList(over)) return undefined;
  return counts.every(isCount) && over.every(isClient) ? { counts, over } : undefined;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length <= MAX_REPORTED;
}

function isClient(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_CLIENT_CHARS;
}

function isCount(value: unknown): value is readonly [string, number] {
  return Array.isArray(value) && isClient(value[0]) && Number.isFinite(value[1]) && value[1] >= 0;
}
