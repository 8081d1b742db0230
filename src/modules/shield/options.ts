import type { Cidr } from '../../core/address.ts';
import type { Mode } from '../../core/guard.ts';
import {
  custom,
  type Field,
  type Fields,
  flag,
  list,
  number,
  oneOf,
  readOptions,
} from '../../core/options.ts';
import type { TrustPreset } from '../../core/proxy.ts';
import { rangeOrPreset } from '../../core/range-option.ts';
import { parseTarget } from './target.ts';

/** Bounds of the block list. */
export interface BlockListOptions {
  /** `enforce` (default) refuses; `shadow` only records what it would have refused. */
  readonly mode?: Mode;
  /** Blocks held at most, 1 to 1,000,000; default 100,000. Beyond it `add` refuses and `replaceAll` leaves out. */
  readonly maxEntries?: number;
  /**
   * Addresses, ranges and presets (`uniquelocal`, `cloudflare` …) that are never refused, whatever block covers them; and
   * targets of other kinds (`asn:64500`, `country:DE`, `user:ID` …) that cannot be blocked. At most 1,000, default none.
   */
  readonly neverBlock?: readonly (TrustPreset | (string & {}))[];
  /** Also never refuse loopback addresses; default true, so that nobody locks out the machine itself. */
  readonly neverBlockLoopback?: boolean;
  /** Widest IPv4 range that may be blocked, as prefix bits 0 to 32; default 8. */
  readonly minIpv4Bits?: number;
  /** Widest IPv6 range that may be blocked, as prefix bits 0 to 128; default 16. */
  readonly minIpv6Bits?: number;
}

/** The options with every default filled in and ranges read. */
export interface ResolvedBlockListOptions {
  readonly mode: Mode;
  readonly maxEntries: number;
  /** Ranges, and the texts of other targets. */
  readonly neverBlock: readonly (readonly Cidr[] | string)[];
  readonly neverBlockLoopback: boolean;
  readonly minIpv4Bits: number;
  readonly minIpv6Bits: number;
}

const neverBlocked: Field<readonly Cidr[] | string> = custom(
  'address, range, preset or target',
  (value, path) => {
    const target = typeof value === 'string' ? parseTarget(value) : undefined;
    return target === undefined || 'range' in target ? rangeOrPreset.parse(value, path) : target.text;
  },
);
const FIELDS: Fields<ResolvedBlockListOptions> = {
  mode: oneOf(['enforce', 'shadow'], 'enforce'),
  maxEntries: number({ min: 1, max: 1_000_000, default: 100_000 }),
  neverBlock: list(neverBlocked, { atMost: 1_000, default: [] }),
  neverBlockLoopback: flag(true),
  minIpv4Bits: number({ min: 0, max: 32, default: 8 }),
  minIpv6Bits: number({ min: 0, max: 128, default: 16 }),
};

/** @throws OptionsError naming the path and the reason */
export function readBlockListOptions(given: BlockListOptions): ResolvedBlockListOptions {
  return readOptions('blockList', given, FIELDS);
}
