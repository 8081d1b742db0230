import type { ClientTable } from './clients.ts';
import { type ClientReport, MAX_REPORTED } from './peers.ts';

const MAX_HOT = 256;
const TELL_EVERY_MS = 1_000;

/** Clients of this node that send so much that the other nodes have to hear of it. */
export class HotClients {
  readonly #clients = new Set<string>();
  readonly #table: ClientTable;
  readonly #least: number;
  #nextMs = -Infinity;
  tell: ((report: ClientReport) => void) | undefined;

  /** @param least requests within a minute from which on a client is told of */
  constructor(table: ClientTable, least: number) {
    this.#table = table;
    this.#least = least;
  }

  /** Notes what a client sent to this node within the last minute, and tells of all once a second. Must cost next to nothing. */
  note(client: string, minute: number, atMs: number): void {
    if (this.tell === undefined) return;
    if (minute >= this.#least && this.#clients.size < MAX_HOT) this.#clients.add(client);
    if (this.#clients.size > 0 && atMs >= this.#nextMs) this.#tellAll(this.tell, atMs);
  }

  /** A client was blocked: it begins anew, here and on the other nodes. */
  blocked(client: string): void {
    this.#clients.delete(client);
    this.tell?.({ counts: [], over: [client] });
  }

  #tellAll(tell: (report: ClientReport) => void, atMs: number): void {
    this.#nextMs = atMs + TELL_EVERY_MS;
    const counts: [string, number][] = [];
    for (const client of this.#clients) {
      const sent = this.#table.settled(client, atMs);
      if (sent < this.#least) this.#clients.delete(client);
      else counts.push([client, sent]);
    }
    counts.sort((a, b) => b[1] - a[1]);
    if (counts.length > 0) tell({ counts: counts.slice(0, MAX_REPORTED), over: [] });
  }
}
