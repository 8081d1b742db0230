import { type Cidr, type IpAddress, parseAddress, parseCidr } from '../../core/address.ts';
import { fact } from '../../core/fact.ts';
import type { Guard } from '../../core/guard.ts';
import { newId } from '../../core/id.ts';
import { TRUST_PRESETS } from '../../core/proxy.ts';
import { PASS } from '../../core/verdict.ts';
import type {
  Block,
  BlockChange,
  BlockList,
  BlockListPorts,
  BlockRefusalCode,
  BlockResult,
  NewBlock,
} from './block.ts';
import { blockDecider, type BlockFacts, type BlockFeatures, type BlockState } from './decide.ts';
import { type BlockListOptions, readBlockListOptions, type ResolvedBlockListOptions } from './options.ts';
import { covers, formatTarget, parseTarget, RangeIndex } from './ranges.ts';

interface Entry {
  readonly id: string;
  readonly range: Cidr;
  readonly target: string;
  readonly createdAtMs: number;
  reason: string;
  createdBy: string;
  expiresAtMs: number | null;
  hits: number;
}

const CACHED_ADDRESSES = 4096;
const REMEMBERED_REMOVALS = 1000;
const MAX_TTL_MS = 10 * 365 * 86_400_000;
const MatchedBlock = fact<BlockFacts>('matchedBlock');

/**
 * Makes a block list.
 * @throws OptionsError when an option makes no sense
 */
export function blockList(options: BlockListOptions, ports: BlockListPorts): BlockList {
  return new AddressBlockList(readBlockListOptions(options), ports);
}

class AddressBlockList implements BlockList {
  readonly guard: Guard;
  readonly #options: ResolvedBlockListOptions;
  readonly #ports: BlockListPorts;
  readonly #never = new RangeIndex<{ readonly range: Cidr }>();
  readonly #neverRanges: readonly Cidr[];
  #index = new RangeIndex<Entry>();
  #byId = new Map<string, Entry>();
  #byTarget = new Map<string, Entry>();
  readonly #removed = new Map<string, Entry>();
  /** What the last few thousand addresses came to: reading an address text is paid once. */
  readonly #seen = new Map<string, Entry | null>();
  #hits = 0;

  constructor(options: ResolvedBlockListOptions, ports: BlockListPorts) {
    this.#options = options;
    this.#ports = ports;
    const loopback = options.neverBlockLoopback ? TRUST_PRESETS.loopback : [];
    this.#neverRanges = [...loopback.map((text) => parseCidr(text) as Cidr), ...options.neverBlock.flat()];
    for (const range of this.#neverRanges) this.#never.add({ range });
    this.guard = this.#makeGuard();
  }

  #makeGuard(): Guard {
    return {
      name: 'blockList',
      phase: 'admit',
      mode: this.#options.mode,
      onError: 'deny',
      decider: blockDecider,
      check: (context) => {
        if (this.#byId.size === 0) return PASS;
        const entry = this.#lookup(context.client.address, context.nowMs);
        if (entry === null) return PASS;
        entry.hits++;
        this.#hits++;
        const block = factsOf(entry);
        context.set(MatchedBlock, block);
        return blockDecider.decide({ address: context.client.address }, { block }, context.nowMs);
      },
      evidence: (context) => ({
        features: { address: context.client.address } satisfies BlockFeatures,
        state: { block: context.get(MatchedBlock) ?? null } satisfies BlockState,
        atMs: context.nowMs,
      }),
    };
  }

  #lookup(address: string, nowMs: number): Entry | null {
    const known = this.#seen.get(address);
    if (known === null || (known !== undefined && inForce(known, nowMs))) return known;
    const found = this.#search(address, nowMs);
    if (this.#seen.size >= CACHED_ADDRESSES) this.#seen.clear();
    this.#seen.set(address, found);
    return found;
  }

  #search(text: string, nowMs: number): Entry | null {
    const address: IpAddress | undefined = parseAddress(text);
    if (!address || this.#never.find(address, anything)) return null;
    return this.#index.find(address, (entry) => inForce(entry, nowMs)) ?? null;
  }

  add(block: NewBlock): BlockResult {
    const refused = this.refuses(block.target, block.ownAddresses);
    if (refused) return { ok: false, ...refused };
    const { ttlMs } = block;
    if (ttlMs !== null && !(ttlMs >= 1 && ttlMs <= MAX_TTL_MS))
      return { ok: false, code: 'bad-ttl', text: 'A block lasts from 1 ms to 10 years, or for ever.' };
    const nowMs = this.#ports.clock.now();
    const range = parseTarget(block.target) as Cidr;
    return this.#put(
      {
        id: newId('blk', nowMs),
        range,
        target: formatTarget(range),
        createdAtMs: nowMs,
        reason: block.reason.slice(0, 500),
        createdBy: block.createdBy.slice(0, 200),
        expiresAtMs: ttlMs === null ? null : nowMs + ttlMs,
        hits: 0,
      },
      'added',
      nowMs,
    );
  }

  #put(entry: Entry, kind: BlockChange['kind'], nowMs: number): BlockResult {
    const old = this.#byTarget.get(entry.target);
    if (old && inForce(old, nowMs)) {
      if (endOf(entry) <= endOf(old)) return { ok: true, block: shown(old), changed: false };
      old.reason = entry.reason;
      old.createdBy = entry.createdBy;
      old.expiresAtMs = entry.expiresAtMs;
    } else {
      if (old) this.#drop(old);
      if (this.#byId.size >= this.#options.maxEntries) this.#purge(nowMs);
      if (this.#byId.size >= this.#options.maxEntries)
        return {
          ok: false,
          code: 'full',
          text: `The list holds ${this.#options.maxEntries} blocks already.`,
        };
      this.#keep(entry);
    }
    this.#seen.clear();
    const block = shown(old && inForce(old, nowMs) ? old : entry);
    this.#ports.onChange?.({ kind, block });
    return { ok: true, block, changed: true };
  }

  #keep(entry: Entry): void {
    this.#index.add(entry);
    this.#byId.set(entry.id, entry);
    this.#byTarget.set(entry.target, entry);
  }

  #drop(entry: Entry): void {
    this.#index.delete(entry);
    this.#byId.delete(entry.id);
    if (this.#byTarget.get(entry.target) === entry) this.#byTarget.delete(entry.target);
    this.#seen.clear();
  }

  #purge(nowMs: number): void {
    for (const entry of this.#byId.values()) if (!inForce(entry, nowMs)) this.#drop(entry);
  }

  remove(id: string): Block | undefined {
    const entry = this.#byId.get(id);
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
    return [...this.#byId.values()].map(shown).toSorted((a, b) => b.createdAtMs - a.createdAtMs);
  }

  find(address: string): Block | undefined {
    const entry = this.#search(address, this.#ports.clock.now());
    return entry === null ? undefined : shown(entry);
  }

  refuses(
    target: string,
    ownAddresses: readonly string[] = [],
  ): { readonly code: BlockRefusalCode; readonly text: string } | undefined {
    const range = parseTarget(target);
    if (!range)
      return { code: 'not-a-target', text: 'This is neither an address nor a range such as 203.0.113.0/24.' };
    const least = range.network.version === 4 ? this.#options.minIpv4Bits : this.#options.minIpv6Bits;
    if (range.bits < least)
      return { code: 'too-wide', text: `The range is wider than /${least}, the widest that may be blocked.` };
    const never = this.#neverRanges.find((one) => covers(one, range));
    if (never)
      return { code: 'never-block', text: `${formatTarget(never)} is on the list of what is never blocked.` };
    const own = ownAddresses.map((text) => parseCidr(text)).find((one) => one && covers(range, one));
    if (own)
      return { code: 'own-address', text: `The block would cover your own address ${formatTarget(own)}.` };
    return undefined;
  }

  replaceAll(blocks: Iterable<Omit<Block, 'hits'>>): { readonly kept: number; readonly left: number } {
    const nowMs = this.#ports.clock.now();
    const before = this.#byId;
    this.#index = new RangeIndex();
    this.#byId = new Map();
    this.#byTarget = new Map();
    let left = 0;
    for (const block of blocks) {
      const range = parseTarget(block.target);
      const bad = !range || this.refuses(block.target) !== undefined || !inForce(block, nowMs);
      const target = range ? formatTarget(range) : '';
      const twin = this.#byTarget.get(target);
      if (bad || this.#byId.has(block.id) || (twin && endOf(twin) >= endOf(block))) {
        left++;
        continue;
      }
      if (twin) {
        this.#drop(twin);
        left++;
      } else if (this.#byId.size >= this.#options.maxEntries) {
        left++;
        continue;
      }
      this.#keep({
        ...factsOf(block),
        range,
        target,
        createdAtMs: block.createdAtMs,
        hits: before.get(block.id)?.hits ?? 0,
      });
    }
    this.#seen.clear();
    return { kept: this.#byId.size, left };
  }

  hits(id?: string): number {
    return id === undefined ? this.#hits : (this.#byId.get(id)?.hits ?? 0);
  }
}

const anything = (): boolean => true;

function inForce(entry: { readonly expiresAtMs: number | null }, nowMs: number): boolean {
  return entry.expiresAtMs === null || entry.expiresAtMs > nowMs;
}

function endOf(entry: { readonly expiresAtMs: number | null }): number {
  return entry.expiresAtMs ?? Infinity;
}

function factsOf(entry: BlockFacts): BlockFacts {
  const { id, target, reason, createdBy, expiresAtMs } = entry;
  return { id, target, reason, createdBy, expiresAtMs };
}

function shown(entry: Entry): Block {
  return { ...factsOf(entry), createdAtMs: entry.createdAtMs, hits: entry.hits };
}
