import { field, type FieldRefusal, type ReadyField, misfit } from './field.ts';

/** An amount in whole minor units: halalas, cents. */
export interface Money {
  /** In minor units: 1050 is SAR 10.50. */
  readonly minor: number;
  /** ISO 4217. */
  readonly currency: string;
}

/** How amounts are read. */
export interface MoneyOptions {
  /** Currencies that are taken, by ISO 4217: at least one. */
  readonly currencies: readonly string[];
  /** Least amount in minor units; default 0. */
  readonly minMinor?: number;
  /** Largest amount in minor units; default 1,000,000,000,000. */
  readonly maxMinor?: number;
}

/** Currencies whose minor unit is not a hundredth. */
const DIGITS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((code) => [code, 0]),
  ),
  ...Object.fromEntries('BHD IQD JOD KWD LYD OMR TND'.split(' ').map((code) => [code, 3])),
};
const INVALID: FieldRefusal = misfit(
  'MONEY_INVALID',
  'Must be an amount in a currency that is taken here, as text with its decimals, or in minor units.',
);

/**
 * Money without floats: `{ minor: 1050, currency: 'SAR' }`, or `{ amount: '10.50', currency: 'SAR' }` with at most as many
 * decimals as the currency has.
 */
export function money(
  options: MoneyOptions,
): ReadyField<Money, Money | { amount: string; currency: string }> {
  const { currencies, minMinor = 0, maxMinor = 1_000_000_000_000 } = options;
  const described = {
    type: 'object',
    properties: {
      minor: { type: 'integer' },
      amount: { type: 'string', format: 'decimal' },
      currency: { enum: [...currencies] },
    },
  };
  return field(described, (given) => {
    const { minor, amount, currency } = (given ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof currency !== 'string' || !currencies.includes(currency)) return INVALID;
    // Both at once leave open which of them counts.
    if ((minor === undefined) === (amount === undefined)) return INVALID;
    const found = minor ?? minorOf(amount, DIGITS[currency] ?? 2);
    if (typeof found !== 'number' || !Number.isSafeInteger(found)) return INVALID;
    if (found < minMinor || found > maxMinor)
      return misfit('MONEY_RANGE', 'The amount is too small or too large.');
    return { value: { minor: found, currency } };
  });
}

function minorOf(amount: unknown, digits: number): number | undefined {
  const match = typeof amount === 'string' ? /^(-?)(\d{1,13})(?:\.(\d{1,3}))?$/.exec(amount) : null;
  if (match === null) return undefined;
  const [, sign, whole, decimals = ''] = match;
  if (decimals.length > digits) return undefined;
  const value = Number(`${whole}${decimals.padEnd(digits, '0')}`);
  return sign === '-' && value !== 0 ? -value : value;
}
