import { type Cidr, contains, formatAddress, parseAddress, parseCidr } from '../../../core/address.ts';
import type { Clock, Timers } from '../../../core/clock.ts';
import type { ClientAddressValue } from '../../../core/fact.ts';
import type { BotRanges } from './ranges.ts';
import type { BotResolver } from './resolver.ts';
import type { GoodBot } from './table.ts';

/** What was found out about a claim. `unverified`: nobody could tell yet. */
export interface Finding {
  readonly result: 'verified' | 'impostor' | 'unverified';
  readonly by: 'ranges' | 'dns' | 'local' | 'none';
}

/** How long to wait and to remember, milliseconds. */
export interface VerifyTimes {
  /** Longest wait of a request. */
  readonly budgetMs: number;
  readonly verifiedTtlMs: number;
  readonly impostorTtlMs: number;
}

/** What verification stands on. */
export interface VerifyPorts {
  readonly ranges: BotRanges;
  readonly resolver: BotResolver;
  readonly clock: Clock;
  readonly timers: Timers;
}

const MAX_KEPT = 10_000;
const MAX_IN_FLIGHT = 32;
/** A look-up that takes longer is given up; the name servers may be down. */
const GIVE_UP_MS = 5_000;
const FAILED_TTL_MS = 60_000;
/** An answer may be made by whoever claims: only so much of it is looked at. */
const MAX_NAMES = 10;
const MAX_FORWARD = 3;
const MAX_ADDRESSES = 50;

/** Special-purpose ranges (RFC 6890), from which no crawler of the internet comes. */
const LOCAL: readonly Cidr[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '240.0.0.0/4',
  '::/127',
  'fc00::/7',
  'fe80::/10',
  '2001:db8::/32',
].map((text) => parseCidr(text) as Cidr);

interface Kept {
  readonly finding: Finding;
  readonly untilMs: number;
}

const UNVERIFIED: Finding = { result: 'unverified', by: 'none' };

/**
 * Proves that a request comes from the bot that it names: by published ranges, else by a reverse name in the operator's
 * domain that leads forward to the same address. Never by the name alone.
 */
export class BotVerifier {
  readonly #times: VerifyTimes;
  readonly #ports: VerifyPorts;
  readonly #kept = new Map<string, Kept>();
  readonly #running = new Map<string, Promise<Finding>>();

  constructor(times: VerifyTimes, ports: VerifyPorts) {
    this.#times = times;
    this.#ports = ports;
  }

  /** Waits no longer than the budget; a look-up that takes longer goes on for the requests to come. */
  verify(bot: GoodBot, client: ClientAddressValue): Finding | Promise<Finding> {
    const { ranges } = this.#ports;
    if (ranges.contains(bot.id, client.address)) return { result: 'verified', by: 'ranges' };
    if (isLocal(client.address)) return { result: 'impostor', by: 'local' };
    if (bot.domains.length === 0)
      return ranges.has(bot.id) ? { result: 'impostor', by: 'ranges' } : UNVERIFIED;
    const known = this.#known(bot, client);
    return known ?? this.#within(this.#look(bot, client));
  }

  /** Proofs hold for an address; whoever lies in a network lies there with every address. */
  #known(bot: GoodBot, client: ClientAddressValue): Finding | undefined {
    const now = this.#ports.clock.now();
    for (const place of [client.address, `${client.group}*`]) {
      const kept = this.#kept.get(`${bot.id}|${place}`);
      if (kept !== undefined && kept.untilMs > now) return kept.finding;
    }
    return undefined;
  }

  #keep(bot: GoodBot, client: ClientAddressValue, finding: Finding): void {
    const { result } = finding;
    const ttlMs =
      result === 'verified'
        ? this.#times.verifiedTtlMs
        : result === 'impostor'
          ? this.#times.impostorTtlMs
          : FAILED_TTL_MS;
    const place = result === 'impostor' ? `${client.group}*` : client.address;
    if (this.#kept.size >= MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value as string);
    this.#kept.set(`${bot.id}|${place}`, { finding, untilMs: this.#ports.clock.now() + ttlMs });
  }

  #look(bot: GoodBot, client: ClientAddressValue): Promise<Finding> {
    const key = `${bot.id}|${client.address}`;
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    if (this.#running.size >= MAX_IN_FLIGHT) return Promise.resolve(UNVERIFIED);
    const looking = this.#orElse(this.#ask(bot, client.address), GIVE_UP_MS).then((finding) => {
      this.#running.delete(key);
      this.#keep(bot, client, finding);
      return finding;
    });
    this.#running.set(key, looking);
    return looking;
  }

  #within(looking: Promise<Finding>): Promise<Finding> {
    return this.#orElse(looking, this.#times.budgetMs);
  }

  /** `unverified` where nothing is said in time. */
  #orElse(waiting: Promise<Finding>, ms: number): Promise<Finding> {
    return new Promise((resolve) => {
      const cancel = this.#ports.timers.after(ms, () => resolve(UNVERIFIED));
      void waiting.then((finding) => {
        cancel();
        resolve(finding);
      });
    });
  }

  /** Never rejects. */
  async #ask(bot: GoodBot, address: string): Promise<Finding> {
    try {
      const names = await this.#ports.resolver.reverse(address);
      const fitting = names
        .slice(0, MAX_NAMES)
        .filter((name) => isWithin(name, bot.domains))
        .slice(0, MAX_FORWARD);
      for (const name of fitting)
        if (await this.#leadsBack(name, address)) return { result: 'verified', by: 'dns' };
      return { result: 'impostor', by: 'dns' };
    } catch (error) {
      return isAbsence(error) ? { result: 'impostor', by: 'dns' } : UNVERIFIED;
    }
  }

  async #leadsBack(name: string, address: string): Promise<boolean> {
    const own = parseAddress(address);
    if (own === undefined) return false;
    const found = await this.#ports.resolver.addresses(plainName(name), own.version);
    return found.slice(0, MAX_ADDRESSES).some((text) => {
      const other = parseAddress(text);
      return other !== undefined && formatAddress(other) === formatAddress(own);
    });
  }
}

/** Names of the DNS have no case, and may end with the root's dot. */
function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

/** Whether a name lies in one of the domains, by whole labels: `evilgooglebot.com` does not lie in `googlebot.com`. */
export function isWithin(name: unknown, domains: readonly string[]): boolean {
  if (typeof name !== 'string' || name.length > 255) return false;
  const plain = plainName(name);
  return /^[a-z0-9._-]+$/.test(plain) && domains.some((domain) => plain.endsWith(`.${domain}`));
}

/** Whether an address is none of the public internet. */
export function isLocal(text: string): boolean {
  const address = parseAddress(text);
  return address === undefined || LOCAL.some((range) => contains(range, address));
}

/** The DNS said that there is nothing; anything else means that it could not be asked. */
function isAbsence(error: unknown): boolean {
  const code: unknown = (error as { code?: unknown } | null)?.code;
  return code === 'ENOTFOUND' || code === 'ENODATA' || code === 'EBADNAME';
}
