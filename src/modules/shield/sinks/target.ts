import { contains, type IpAddress, parseAddress } from '../../../core/address.ts';
import { addressKind } from './address-kind.ts';
import { SsrfError } from './errors.ts';
import type { ResolvedFetchOptions } from './fetch-options.ts';

/** An address that may be called as far as its text tells. */
export interface Target {
  readonly url: URL;
  /** Without brackets and the dot at its end. */
  readonly host: string;
  readonly port: number;
  /** The host, where it is an address and no name. */
  readonly literal: IpAddress | undefined;
}

type Rules = Pick<ResolvedFetchOptions, 'allowHttp' | 'ports' | 'hosts' | 'allowRanges'>;

/** Names that never leave the own network (RFC 6761, RFC 6762, RFC 9476, and what clouds use). */
const INNER_NAMES =
  /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|lan|home\.arpa|onion|test|invalid)$/;
const MAX_URL = 8_192;

/**
 * Reads an address as it will be called. Odd spellings of numbers (`0x7f.1`, `2130706433`, `①`, `。`) have become plain
 * ones in `URL`, which is also what is called, so that there are no two readings.
 * @throws SsrfError
 */
export function readTarget(given: string | URL, rules: Rules): Target {
  const text = String(given);
  if (text.length > MAX_URL || !URL.canParse(text)) throw new SsrfError('url');
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(rules.allowHttp && url.protocol === 'http:'))
    throw new SsrfError('scheme');
  if (url.username !== '' || url.password !== '') throw new SsrfError('userinfo');
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  const ports = rules.ports ?? (rules.allowHttp ? [80, 443] : [443]);
  if (!ports.includes(port)) throw new SsrfError('port');
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  const host = bare.endsWith('.') ? bare.slice(0, -1) : bare;
  const literal = parseAddress(host);
  if (rules.hosts !== undefined && !isListed(host, rules.hosts)) throw new SsrfError('host');
  if (literal !== undefined) assertPublic(literal, rules);
  else assertName(host, rules);
  return { url, host, port, literal };
}

function isListed(host: string, hosts: readonly string[]): boolean {
  return hosts.some((one) => (one.startsWith('*.') ? host.endsWith(one.slice(1)) : host === one));
}

/** Names without a dot are completed by the machine's search list, and end up in its network. */
function assertName(host: string, rules: Rules): void {
  const isNamed = rules.hosts?.includes(host) === true && rules.allowRanges.length > 0;
  if (host === '' || host.length > 253 || host.endsWith('.')) throw new SsrfError('name');
  if (!isNamed && (!host.includes('.') || INNER_NAMES.test(host))) throw new SsrfError('name');
}

/** @throws SsrfError for an address that is no machine on the internet, nor in a range that was let through */
export function assertPublic(address: IpAddress, rules: Pick<Rules, 'allowRanges'>): void {
  if (addressKind(address) === 'public') return;
  if (rules.allowRanges.some((range) => contains(range, address))) return;
  throw new SsrfError('address');
}
