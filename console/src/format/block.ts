import type { BlockKind } from '../../../src/server/api/types.ts';

/** What people call the kinds, and how each is written. */
export const BLOCK_WORDS: Readonly<
  Record<
    BlockKind,
    { readonly name: string; readonly plural: string; readonly hint: string; readonly example: string }
  >
> = {
  address: {
    name: 'Address',
    plural: 'Addresses',
    hint: 'One IPv4 or IPv6 address.',
    example: '203.0.113.7',
  },
  range: {
    name: 'Range',
    plural: 'Ranges',
    hint: 'All addresses with the same beginning. Of IPv6, block the /64: one client has all of it.',
    example: '203.0.113.0/24 or 2001:db8::/64',
  },
  asn: {
    name: 'Network',
    plural: 'Networks',
    hint: 'A provider’s whole network, by its number (ASN). Its honest customers are refused, too.',
    example: '64500',
  },
  country: {
    name: 'Country',
    plural: 'Countries',
    hint: 'Two letters. Where an address is, is a guess of the place files.',
    example: 'DE',
  },
  user: {
    name: 'User',
    plural: 'Users',
    hint: 'Every request of that principal, with any session or key; no sign-in either. Programs: service:NAME.',
    example: 'acc_…',
  },
  session: {
    name: 'Session',
    plural: 'Sessions',
    hint: 'One sign-in; its owner’s other sessions go on.',
    example: 'ses_…',
  },
  device: {
    name: 'Device',
    plural: 'Devices',
    hint: 'One browser or program by its device cookie, whoever uses it.',
    example: 'dev_…',
  },
};
/** The kinds in the order in which they are offered. */
export const BLOCK_KINDS = Object.keys(BLOCK_WORDS) as readonly BlockKind[];

const WITH_WORD = /^(asn|country|user|session|device):(.*)$/s;

/** A target's kind and what stands behind it. */
export function splitTarget(target: string): { readonly kind: BlockKind; readonly value: string } {
  const [, word, value = ''] = WITH_WORD.exec(target) ?? [];
  if (word !== undefined) return { kind: word as BlockKind, value };
  return { kind: target.includes('/') ? 'range' : 'address', value: target };
}

/** The target that a kind and a value make; what was pasted with its word is taken as it is. */
export function joinTarget(kind: BlockKind, value: string): string {
  const text = value.trim();
  if (kind === 'address' || kind === 'range' || WITH_WORD.test(text)) return text;
  return `${kind}:${text}`;
}

/** Whether a target looks whole enough to ask the server about it. */
export function isWholeTarget(target: string): boolean {
  const { kind, value } = splitTarget(target);
  if (kind === 'address' || kind === 'range')
    return /^[\d.]{7,}(\/\d{1,2})?$|^(?=[^/]*:)[0-9a-f:]{3,}(\/\d{1,3})?$/i.test(value);
  if (kind === 'asn') return /^(AS)?[1-9]\d{0,9}$/.test(value);
  if (kind === 'country') return /^[A-Za-z]{2}$/.test(value);
  return /^[!-~]{1,200}$/.test(value);
}

/** The target that a value of a decision stands for; null where it stands for none. */
export function targetOfField(field: string, value: string): string | null {
  if (field === 'address' || field === 'group' || field === 'range')
    return value === 'unknown' ? null : value;
  if (field === 'asn' || field === 'country') return value === '' ? null : `${field}:${value}`;
  if (field !== 'principal' || value === '') return null;
  return value.startsWith('user:') ? value : `user:${value}`;
}

/** The filter of decisions that shows what a block is about; null where decisions cannot be searched by it. */
export function filterOfTarget(target: string): string | null {
  const { kind, value } = splitTarget(target);
  if (kind === 'address') return `address:${value}`;
  if (kind === 'user') return `principal:${/^(acc_|[^:]+$)/.test(value) ? `user:${value}` : value}`;
  return kind === 'range' || kind === 'asn' || kind === 'country' ? `${kind}:${value}` : null;
}
