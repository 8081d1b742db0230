import { formatAddress, type IpAddress, parseAddress, prefixOf } from '../../../core/address.ts';
import { isActing, type Lease, parseLeaseTarget } from './lease.ts';

const CACHED_ADDRESSES = 4_096;

/** Leases that act, as one node holds them: read anew from the store on every change, and over by the clock alone. */
export class LeaseBook {
  #all: readonly Lease[] = [];
  #users = new Map<string, Lease[]>();
  #everybody: Lease[] = [];
  /** By prefix length, then by network. */
  #ranges = new Map<number, Map<string, Lease[]>>();
  readonly #seen = new Map<string, readonly Lease[]>();
  /** Requests that were met here since they were taken to be added up with those of other nodes. */
  readonly #fresh = new Map<string, number>();
  #met: ReadonlyMap<string, number> = new Map();
  readonly #people = new Map<string, Set<string>>();

  /** Takes over what acts. */
  replaceAll(leases: readonly Lease[]): void {
    this.#all = leases.filter(isActing);
    this.#users = new Map();
    this.#everybody = [];
    this.#ranges = new Map();
    this.#seen.clear();
    for (const lease of this.#all) this.#put(lease);
    const known = new Set(this.#all.map(({ id }) => id));
    for (const id of this.#people.keys()) if (!known.has(id)) this.#people.delete(id);
  }

  #put(lease: Lease): void {
    const target = parseLeaseTarget(lease.responder, lease.target);
    if (target === undefined) return;
    if (target.kind === 'user') listIn(this.#users, target.id).push(lease);
    else if (target.kind === 'range') {
      const { network, bits } = target.range;
      const level = this.#ranges.get(levelOf(network, bits)) ?? new Map<string, Lease[]>();
      this.#ranges.set(levelOf(network, bits), level);
      listIn(level, formatAddress(network)).push(lease);
    } else this.#everybody.push(lease);
  }

  /** Whether nothing acts: the hot path asks this first. */
  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  /** All that act, run out or not. */
  get all(): readonly Lease[] {
    return this.#all;
  }

  /** Those about an address that have not run out. */
  ofAddress(address: string, nowMs: number): readonly Lease[] {
    if (this.#ranges.size === 0) return NONE;
    let found = this.#seen.get(address);
    if (found === undefined) {
      const parsed = parseAddress(address);
      found = parsed === undefined ? NONE : this.#covering(parsed);
      if (this.#seen.size >= CACHED_ADDRESSES) this.#seen.clear();
      this.#seen.set(address, found);
    }
    return inForce(found, nowMs);
  }

  #covering(address: IpAddress): readonly Lease[] {
    const found: Lease[] = [];
    for (const [level, networks] of this.#ranges) {
      const bits = level >> 3;
      if ((level & 7) !== address.version) continue;
      found.push(...(networks.get(formatAddress(prefixOf(address, bits))) ?? NONE));
    }
    return found;
  }

  /** Those about an account that have not run out. */
  ofUser(id: string, nowMs: number): readonly Lease[] {
    return inForce(this.#users.get(id) ?? NONE, nowMs);
  }

  /** Those about everybody that have not run out. */
  ofAll(nowMs: number): readonly Lease[] {
    return inForce(this.#everybody, nowMs);
  }

  /** Counts a request that a lease met. */
  meet(id: string, requests = 1): void {
    this.#fresh.set(id, (this.#fresh.get(id) ?? 0) + requests);
  }

  /** Takes what was met here since the last time, lease by lease, also of those that are over; `meet` gives back. */
  *takeMet(): Generator<readonly [id: string, requests: number]> {
    for (const [id, requests] of this.#fresh) {
      this.#fresh.delete(id);
      yield [id, requests];
    }
  }

  /** Takes over what all nodes have met together, without what `takeMet` would give. */
  metByAll(met: ReadonlyMap<string, number>): void {
    this.#met = met;
  }

  /** Notes that somebody in good standing is among those whom a staged lease covers. */
  meetPerson(id: string, person: string): void {
    const people = this.#people.get(id) ?? new Set();
    this.#people.set(id, people);
    if (people.size < MAX_PEOPLE) people.add(person);
  }

  /** Requests that a lease met: on all nodes as far as they are added up, and since then on this one. */
  met(id: string): number {
    return (this.#met.get(id) ?? 0) + (this.#fresh.get(id) ?? 0);
  }

  /** Different people in good standing of whom `meetPerson` was told. */
  people(id: string): number {
    return this.#people.get(id)?.size ?? 0;
  }
}

const MAX_PEOPLE = 10_000;
const NONE: readonly Lease[] = [];

function levelOf({ version }: IpAddress, bits: number): number {
  return (bits << 3) | version;
}

function listIn(map: Map<string, Lease[]>, key: string): Lease[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}

function inForce(leases: readonly Lease[], nowMs: number): readonly Lease[] {
  return leases.length === 0 ? NONE : leases.filter(({ expiresAtMs }) => nowMs < expiresAtMs);
}
