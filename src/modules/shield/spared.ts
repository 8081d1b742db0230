import { type Cidr, formatCidr, type IpAddress, parseCidr } from '../../core/address.ts';
import { TRUST_PRESETS } from '../../core/proxy.ts';
import type { BlockPlaces, BlockRefusal, OwnTraits } from './block.ts';
import type { PlaceFeatures } from './decide.ts';
import type { ResolvedBlockListOptions } from './options.ts';
import { covers, RangeIndex } from './ranges.ts';
import { type BlockTarget, parseTarget, userIdOf } from './target.ts';

/** What is never blocked, and why a target would not be taken. */
export class Spared {
  readonly #options: ResolvedBlockListOptions;
  readonly #index = new RangeIndex<{ readonly range: Cidr }>();
  readonly #ranges: readonly Cidr[];
  readonly #targets: ReadonlySet<string>;
  readonly #hasPlaces: boolean;

  constructor(options: ResolvedBlockListOptions) {
    this.#options = options;
    const loopback = options.neverBlockLoopback ? TRUST_PRESETS.loopback : [];
    const given = options.neverBlock.flat();
    const ranges = given.filter((one): one is Cidr => typeof one !== 'string');
    this.#ranges = [...loopback.map((text) => parseCidr(text) as Cidr), ...ranges];
    for (const range of this.#ranges) this.#index.add({ range });
    this.#targets = new Set(given.filter((one) => typeof one === 'string'));
    this.#hasPlaces = [...this.#targets].some((text) => /^(asn|country):/.test(text));
  }

  /** Whether an address is never refused, whatever covers it. */
  hasAddress(address: IpAddress): boolean {
    return this.#index.find(address, anything) !== undefined;
  }

  /** Whether callers from a place are never refused for that place. */
  hasPlace({ asn, country }: PlaceFeatures): boolean {
    if (!this.#hasPlaces) return false;
    return this.#targets.has(`asn:${asn}`) || this.#targets.has(`country:${country}`);
  }

  /** Why a target would not be taken, or `undefined`. */
  refuses(target: BlockTarget, own: OwnTraits, places: BlockPlaces | undefined): BlockRefusal | undefined {
    const spared = 'range' in target ? this.#refusesRange(target.range) : undefined;
    if (spared) return spared;
    if (this.#targets.has(target.text)) return neverBlock(target.text);
    if ((target.kind === 'asn' || target.kind === 'country') && places === undefined)
      return {
        code: 'no-places',
        text: 'No file of places is configured (shield.place.files), so nobody’s network number or country is known.',
      };
    const covered = coveredOf(target, own, places);
    return covered === undefined
      ? undefined
      : { code: OWN_CODES[target.kind], text: `The block would cover your own ${covered}.` };
  }

  #refusesRange(range: Cidr): BlockRefusal | undefined {
    const least = range.network.version === 4 ? this.#options.minIpv4Bits : this.#options.minIpv6Bits;
    if (range.bits < least)
      return { code: 'too-wide', text: `The range is wider than /${least}, the widest that may be blocked.` };
    const never = this.#ranges.find((one) => covers(one, range));
    return never && neverBlock(rangeText(never));
  }
}

const OWN_CODES = {
  address: 'own-address',
  range: 'own-address',
  asn: 'own-address',
  country: 'own-address',
  user: 'own-account',
  session: 'own-account',
  device: 'own-account',
} as const;

function neverBlock(text: string): BlockRefusal {
  return { code: 'never-block', text: `${text} is on the list of what is never blocked.` };
}

/** What of one's own a block would cover, in words. */
function coveredOf(
  target: BlockTarget,
  { addresses = [], user, session, device }: OwnTraits,
  places: BlockPlaces | undefined,
): string | undefined {
  switch (target.kind) {
    case 'address':
    case 'range': {
      const own = addresses.map((text) => parseCidr(text)).find((one) => one && covers(target.range, one));
      return own && `address ${rangeText(own)}`;
    }
    case 'asn':
      return addresses.some((one) => places?.(one)?.asn === target.asn)
        ? `network ${target.text}`
        : undefined;
    case 'country':
      return addresses.some((one) => places?.(one)?.country === target.country)
        ? `country ${target.country}`
        : undefined;
    case 'user':
      return user !== undefined && userIdOf(user) === target.id ? 'account' : undefined;
    case 'session':
      return session === target.id ? 'session' : undefined;
    case 'device':
      return device === target.id ? 'device' : undefined;
  }
}

function rangeText(range: Cidr): string {
  return parseTarget(formatCidr(range))?.text ?? formatCidr(range);
}

const anything = (): boolean => true;
