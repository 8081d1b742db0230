import { parseAddress } from '../../core/address.ts';
import type { RequestContext } from '../../core/context.ts';
import type { Guard } from '../../core/guard.ts';
import { newId } from '../../core/id.ts';
import type {
  Block,
  BlockChange,
  BlockList,
  BlockListPorts,
  BlockRefusal,
  BlockResult,
  NewBlock,
  OwnTraits,
} from './block.ts';
import type { CallerFeatures, PlaceFeatures } from './decide.ts';
import { addressGuard, callerGuard, callerOfPrincipal, type GuardParts, type Match } from './guards.ts';
import { type BlockListOptions, readBlockListOptions, type ResolvedBlockListOptions } from './options.ts';
import { Spared } from './spared.ts';
import { BlockTable, endOf, type Entry, entryOf, inForce, shown } from './table.ts';
import { type BlockTarget, parseTarget } from './target.ts';

const CACHED_ADDRESSES = 4096;
const REMEMBERED_REMOVALS = 1000;
const MAX_TTL_MS = 10 * 365 * 86_400_000;

/**
 * Makes a block list.
 * @throws OptionsError when an option makes no sense
 */
export function blockList(options: BlockListOptions, ports: BlockListPorts): BlockList {
  return new NodeBlockList(readBlockListOptions(options), ports);
}

class NodeBlockList implements BlockList {
  readonly guard: Guard;
  readonly callerGuard: Guard;
  readonly #options: ResolvedBlockListOptions;
  readonly #ports: BlockListPorts;
  readonly #spared: Spared;
  #table = new BlockTable();
  readonly #removed = new Map<string, Entry>();
  /**
   * What the last few thousand addresses came to by themselves: reading an address text is paid once. Null: no block;
   * `spared`: none counts. Places are not kept here: their files change by themselves.
   */
  #seen = new Map<string, Entry | 'spared' | null>();
  #hits = 0;

  constructor(options: ResolvedBlockListOptions, ports: BlockListPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#spared = new Spared(options);
    const callerOf = ports.caller ?? callerOfPrincipal;
    const parts: GuardParts = {
      mode: options.mode,
      isEmpty: () => this.#table.byId.size === 0,
      ofAddress: (context) => this.#ofAddress(context.client.address, context.nowMs),
      ofCaller: (context) => this.#ofCaller(context, callerOf),
      caller: (context) => callerOf(context, { device: false }),
      onHit: (entry) => {
        entry.hits++;
        this.#hits++;
      },
    };
    this.guard = addressGuard(parts);
    this.callerGuard = callerGuard(parts);
  }

  #ofAddress(address: string, nowMs: number): Match | null {
    const known = this.#known(address, nowMs);
    if (known === 'spared') return null;
    if (known !== null) return { entry: known, features: { address } };
    if (!this.#table.hasPlaces) return null;
    const place = this.#ports.places?.()?.(address);
    const entry = place && this.#table.ofPlace(place, nowMs);
    if (place === undefined || entry === undefined || this.#spared.hasPlace(place)) return null;
    return { entry, features: { address, ...placeFeatures(place) } };
  }

  #known(address: string, nowMs: number): Entry | 'spared' | null {
    const known = this.#seen.get(address);
    if (known === null || known === 'spared' || (known !== undefined && inForce(known, nowMs))) return known;
    const parsed = parseAddress(address);
    const found =
      parsed === undefined
        ? null
        : this.#spared.hasAddress(parsed)
          ? 'spared'
          : (this.#table.ofAddress(parsed, nowMs) ?? null);
    if (this.#seen.size >= CACHED_ADDRESSES) this.#seen = new Map();
    this.#seen.set(address, found);
    return found;
  }

  #ofCaller(context: RequestContext, callerOf: NonNullable<BlockListPorts['caller']>): Match | null {
    if (!this.#table.hasCallers) return null;
    const caller = callerOf(context, { device: this.#table.hasDevices });
    const entry = this.#table.ofCaller(caller, context.nowMs);
    return entry === undefined ? null : { entry, features: { address: context.client.address, ...caller } };
  }

  add(block: NewBlock): BlockResult {
    const read = parseTarget(block.target);
    const refused = this.#refuses(read, block.own);
    if (refused || read === undefined) return { ok: false, ...(refused ?? NOT_A_TARGET) };
    const { ttlMs } = block;
    if (ttlMs !== null && !(ttlMs >= 1 && ttlMs <= MAX_TTL_MS))
      return { ok: false, code: 'bad-ttl', text: 'A block lasts from 1 ms to 10 years, or for ever.' };
    const nowMs = this.#ports.clock.now();
    const entry = entryOf(read, {
      id: newId('blk', nowMs),
      createdAtMs: nowMs,
      reason: block.reason.slice(0, 500),
      createdBy: block.createdBy.slice(0, 200),
      expiresAtMs: ttlMs === null ? null : nowMs + ttlMs,
      hits: 0,
    });
    return this.#put(entry, 'added', nowMs);
  }

  #put(entry: Entry, kind: BlockChange['kind'], nowMs: number): BlockResult {
    const old = this.#table.byTarget.get(entry.target);
    if (old && inForce(old, nowMs)) {
      if (endOf(entry) <= endOf(old)) return { ok: true, block: shown(old), changed: false };
      old.reason = entry.reason;
      old.createdBy = entry.createdBy;
      old.expiresAtMs = entry.expiresAtMs;
    } else {
      if (old) this.#drop(old);
      const { maxEntries } = this.#options;
      if (this.#table.byId.size >= maxEntries) this.#purge(nowMs);
      if (this.#table.byId.size >= maxEntries)
        return { ok: false, code: 'full', text: `The list holds ${maxEntries} blocks already.` };
      this.#table.add(entry);
    }
    this.#seen = new Map();
    const block = shown(old && inForce(old, nowMs) ? old : entry);
    this.#ports.onChange?.({ kind, block });
    return { ok: true, block, changed: true };
  }

  #drop(entry: Entry): void {
    this.#table.delete(entry);
    this.#seen = new Map();
  }

  #purge(nowMs: number): void {
    for (const entry of this.#table.byId.values()) if (!inForce(entry, nowMs)) this.#drop(entry);
  }

  remove(id: string): Block | undefined {
    const entry = this.#table.byId.get(id);
    if (!entry) return undefined;
    this.#drop(entry);
    if (this.#removed.size >= REMEMBERED_REMOVALS)
      this.#removed.delete(this.#removed.keys().next().value as string);
    this.#removed.set(id, entry);
    const block = shown(entry);
    this.#ports.onChange?.({ kind: 'removed', block });
    return block;
  }

  restore(id: string): BlockResult | undefined {
    const entry = this.#removed.get(id);
    const nowMs = this.#ports.clock.now();
    if (!entry || !inForce(entry, nowMs)) return undefined;
    const result = this.#put(entry, 'restored', nowMs);
    if (result.ok) this.#removed.delete(id);
    return result;
  }

  list(): readonly Block[] {
    this.#purge(this.#ports.clock.now());
    return [...this.#table.byId.values()].map(shown).toSorted((a, b) => b.createdAtMs - a.createdAtMs);
  }

  find(address: string): Block | undefined {
    const match = this.#ofAddress(address, this.#ports.clock.now());
    return match === null ? undefined : shown(match.entry);
  }

  findCaller(caller: CallerFeatures): Block | undefined {
    const entry = this.#table.ofCaller(caller, this.#ports.clock.now());
    return entry && shown(entry);
  }

  refuses(target: string, own: OwnTraits = {}): BlockRefusal | undefined {
    return this.#refuses(parseTarget(target), own);
  }

  #refuses(target: BlockTarget | undefined, own: OwnTraits = {}): BlockRefusal | undefined {
    return target === undefined ? NOT_A_TARGET : this.#spared.refuses(target, own, this.#ports.places?.());
  }

  replaceAll(blocks: Iterable<Omit<Block, 'hits'>>): { readonly kept: number; readonly left: number } {
    const nowMs = this.#ports.clock.now();
    const before = this.#table.byId;
    const table = new BlockTable();
    let left = 0;
    for (const block of blocks) {
      const read = parseTarget(block.target);
      const twin = read && table.byTarget.get(read.text);
      if (
        read === undefined ||
        // Without places such a block meets nobody, but it stands: another node may know them.
        (this.#refuses(read)?.code ?? 'no-places') !== 'no-places' ||
        !inForce(block, nowMs) ||
        table.byId.has(block.id) ||
        (twin && endOf(twin) >= endOf(block)) ||
        (!twin && table.byId.size >= this.#options.maxEntries)
      ) {
        left++;
        continue;
      }
      if (twin) {
        table.delete(twin);
        left++;
      }
      table.add(entryOf(read, { ...block, hits: before.get(block.id)?.hits ?? 0 }));
    }
    this.#table = table;
    this.#seen = new Map();
    return { kept: table.byId.size, left };
  }

  hits(id?: string): number {
    return id === undefined ? this.#hits : (this.#table.byId.get(id)?.hits ?? 0);
  }
}

/** Of all that is known of a place, what a block can be about. */
function placeFeatures({ asn, country }: PlaceFeatures): PlaceFeatures {
  return { ...(asn === undefined ? {} : { asn }), ...(country === undefined ? {} : { country }) };
}

const NOT_A_TARGET: BlockRefusal = {
  code: 'not-a-target',
  text: 'Write an address, a range such as 203.0.113.0/24, asn:64500, country:DE, user:ID, session:ID or device:ID.',
};
