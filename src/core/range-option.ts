import type { Cidr } from './address.ts';
import { OptionsError } from './errors.ts';
import { custom, type Field } from './options.ts';
import { rangesOf } from './proxy.ts';

/** An option that names addresses: one, a range, or a preset. */
export const rangeOrPreset: Field<readonly Cidr[]> = custom('address, range or preset', (value, path) => {
  const ranges = typeof value === 'string' ? rangesOf(value) : undefined;
  if (ranges !== undefined) return ranges;
  throw new OptionsError(path, 'expected an address, a range such as 203.0.113.0/24, or a preset');
});
