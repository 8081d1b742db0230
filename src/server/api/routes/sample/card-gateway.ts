/** What the gateway says to a payment. */
export type Charge =
  | { readonly approved: true }
  | { readonly approved: false; readonly reason: 'declined' | 'insufficient_funds' | 'expired' | 'unknown' };

/** Numbers that houses of payment print for tests. Nobody holds these cards. */
const APPROVED: ReadonlySet<string> = new Set(['4242424242424242', '5555555555554444', '378282246310005']);
const REFUSED: ReadonlyMap<string, 'declined' | 'insufficient_funds' | 'expired'> = new Map([
  ['4000000000000002', 'declined'],
  ['4000000000009995', 'insufficient_funds'],
  ['4000000000000069', 'expired'],
]);

/**
 * A gateway that moves no money: it knows the test cards of its list and declines every other one, a real one too.
 * @param card digits alone
 */
export function charge(card: string): Charge {
  if (APPROVED.has(card)) return { approved: true };
  return { approved: false, reason: REFUSED.get(card) ?? 'unknown' };
}

/** What may be kept of a card beside its last digits: the six that name its bank (PCI DSS 3.4.1). */
export const prefixOf = (card: string): string => card.slice(0, 6);
