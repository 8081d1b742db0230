import type { RuleOptions } from '../options.ts';

const PAYMENTS = ['PAYMENT_FAILED', 'PAYMENT_SUCCEEDED'];
const REFERENCES = ['ATT&CK T1657', 'card testing'];

/** Cards that are tried out: many that fail, or many of very small amounts. */
function cardTesting(
  group: NonNullable<RuleOptions['group']>,
  where: string,
  count: number,
  whose = `of {${String(group)}}`,
): RuleOptions {
  return {
    title: `Cards are being tried out by one ${where}`,
    description: `{count} payments ${whose} failed or were very small within {window}: {share} of all.`,
    on: PAYMENTS,
    group,
    window: '15m',
    count,
    ratio: { of: [{ type: 'PAYMENT_FAILED' }, { 'details.amountMinor': { atMost: 200 } }], atLeast: 0.7 },
    coolDown: '1h',
    severity: 'HIGH',
    references: REFERENCES,
    recommended: ['freeze-payments', 'look'],
  };
}

/** Money. */
export const PAYMENT_RULES: Readonly<Record<string, RuleOptions>> = {
  suspicious_payment: {
    title: 'A payment looks like fraud',
    description: 'A payment was reported as suspicious, {times} within {window}.',
    on: ['SUSPICIOUS_PAYMENT'],
    window: '10m',
    severity: 'HIGH',
    references: ['ATT&CK T1657'],
    recommended: ['freeze-payments', 'look'],
  },
  card_testing_by_address: cardTesting('network', 'address', 10),
  card_testing_by_device: cardTesting('device', 'device', 6),
  // Many people hold cards of one bank: more of them must fail.
  card_testing_by_card: cardTesting(
    'details.cardPrefix',
    'range of cards',
    25,
    'with cards that begin with {details.cardPrefix}',
  ),
};
