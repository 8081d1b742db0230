import { type Cidr, parseCidr } from '../../core/address.ts';
import { OptionsError } from '../../core/errors.ts';
import type { Mode } from '../../core/guard.ts';
import { custom, type Fields, flag, list, number, oneOf, readOptions } from '../../core/options.ts';
import { TRUST_PRESETS, type TrustPreset } from '../../core/proxy.ts';

/** Bounds of the block list. */
export interface BlockListOptions {
  /** `enforce` (default) refuses; `shadow` only records what it would have refused. */
  readonly mode?: Mode;
  /** Blocks held at most, 1 to 1,000,000; default 100,000. Beyond it `add` refuses and `replaceAll` leaves out. */
  readonly maxEntries?: number;
  /** Addresses, ranges and presets (`uniquelocal`, `cloudflare` …) that are never refused; at most 1,000, default none. */
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
  readonly neverBlock: readonly (readonly Cidr[])[];
  readonly neverBlockLoopback: boolean;
  readonly minIpv4Bits: number;
  readonly minIpv6Bits: number;
}

const rangeOrPreset = custom('address, range or preset', (value, path): readonly Cidr[] => {
  if (typeof value === 'string') {
    if (Object.hasOwn(TRUST_PRESETS, value))
      return TRUST_PRESETS[value as TrustPreset].map((range) => parseCidr(range) as Cidr);
    const range = parseCidr(value);
    if (range) return [range];
  }
  throw new OptionsError(path, 'expected an address, a range such as 203.0.113.0/24, or a preset');
});

const FIELDS: Fields<ResolvedBlockListOptions> = {
  mode: oneOf(['enforce', 'shadow'], 'enforce'),
  maxEntries: number({ min: 1, max: 1_000_000, default: 100_000 }),
  neverBlock: list(rangeOrPreset, { atMost: 1_000, default: [] }),
  neverBlockLoopback: flag(true),
  minIpv4Bits: number({ min: 0, max: 32, default: 8 }),
  minIpv6Bits: number({ min: 0, max: 128, default: 16 }),
};

/** @throws OptionsError naming the path and the reason */
export function readBlockListOptions(given: BlockListOptions): ResolvedBlockListOptions {
  return readOptions('blockList', given, FIELDS);
}
