import { isDigit, isLetter, isSpace } from '../chars.ts';
import { HAS, textOf } from '../text.ts';
import type { Signals, Where } from '../../types.ts';
import { isPrivate, numericHost } from './host.ts';
import { SSRF_RULES as R } from './rules.ts';

const SCHEMES = new Set(
  'gopher dict ldap ldaps tftp sftp ldapi netdoc jar smb rtmp rtsp imap pop3 telnet ssh xri acap svn view-source cap cvs finger mms news nfs rlogin rsync smtp snmp local_file'.split(
    ' ',
  ),
);
const METADATA = [
  '169.254.169.254',
  '100.100.100.200',
  '192.0.0.192',
  'metadata.google.internal',
  'metadata.packet.net',
  'metadata.tencentyun.com',
  'instance-data',
  'fd00:ec2',
  '169.254.170.2',
  'metadata.azure',
  'metadata.nicob.net',
  'rancher-metadata',
];
const PUBLIC = [
  '.nip.io',
  '.xip.io',
  '.sslip.io',
  'localtest.me',
  'lvh.me',
  'spoofed.burpcollaborator',
  'vcap.me',
  'lacolhost.com',
  '.127-0-0-1.',
  'readme.localtest',
  'mail.ebc.apple.com',
  'bugbounty.dod.network',
  '1u.ms',
  'rbndr.us',
];
/** Names under which honest callers hand over addresses of their own development. */
const OWN = new Set(['origin', 'referer', 'redirect_uri', 'host', 'callback', 'issuer']);

/** Names of parameters that are asked to be fetched. */
const TARGETS = new Set(
  'url uri target dest src source proxy fetch link feed host site image img callback webhook path file page load'.split(
    ' ',
  ),
);

/** URLs in a value, at its start or behind a sign. */
export function detectSsrf(value: string, where: Where, out: Signals): void {
  const { has, lower, words } = textOf(value);
  if ((has & HAS.colon) === 0 && !lower.startsWith('//') && !lower.startsWith('\\\\')) return;
  if (words > 6 || where.place === 'graphql') return;
  if (words <= 1 && lower.startsWith('//')) hostAt(lower, 2, true, where, out);
  for (let at = lower.indexOf(':'); at >= 0; at = lower.indexOf(':', at + 1)) {
    const start = schemeStart(lower, at);
    if (start === at || (start > 0 && !isOpening(lower.charCodeAt(start - 1)))) continue;
    urlAt(lower, start, at, words, where, out);
  }
}

function schemeStart(lower: string, colon: number): number {
  let start = colon;
  while (start > 0 && colon - start < 14 && isSchemeCharacter(lower.charCodeAt(start - 1))) start--;
  return start;
}

function isSchemeCharacter(code: number): boolean {
  return (isLetter(code) && code < 128) || isDigit(code) || code === 43 || code === 45 || code === 95;
}

function isOpening(code: number): boolean {
  return (
    isSpace(code) ||
    code === 61 ||
    code === 34 ||
    code === 39 ||
    code === 40 ||
    code === 58 ||
    code === 44 ||
    code === 64
  );
}

function urlAt(lower: string, start: number, colon: number, words: number, where: Where, out: Signals): void {
  const scheme = lower.slice(start, colon);
  const slashes = lower.startsWith('//', colon + 1) || lower.startsWith('\\\\', colon + 1);
  const whole = start === 0 && words <= 1;
  if (SCHEMES.has(scheme) && slashes && whole) out.add(R.scheme);
  const web =
    scheme === 'http' ||
    scheme === 'https' ||
    scheme === 'ftp' ||
    scheme === 'ws' ||
    scheme === 'url' ||
    SCHEMES.has(scheme);
  if (!web || (!slashes && !whole)) return;
  let from = colon + 1;
  while (lower.charCodeAt(from) === 47 || lower.charCodeAt(from) === 92) from++;
  hostAt(lower, from, whole, where, out);
}

function hostAt(lower: string, from: number, whole: boolean, where: Where, out: Signals): void {
  const authority = authorityAt(lower, from);
  const user = authority.lastIndexOf('@');
  const host = user < 0 ? authority : authority.slice(user + 1);
  if (METADATA.some((name) => host.includes(name))) return out.add(R.metadata);
  if (PUBLIC.some((name) => host.includes(name))) return out.add(R['public-name']);
  if (user > 0 && authority.slice(0, user).includes('.') && !authority.slice(0, user).includes('@'))
    out.add(R['user-confusion']);
  const address = numericHost(host);
  if (address?.odd === true) return out.add(address.metadata ? R.metadata : R['odd-address']);
  if (OWN.has(where.name.toLowerCase()) || where.place === 'header') return;
  const bare = host.startsWith('[') ? host : host.replace(/:\d{0,5}$/, '');
  if (address !== null ? isPrivate(address.bytes) : isPrivateSix(bare))
    return out.add(whole ? R['private-address'] : R['local-name']);
  const local =
    bare === 'localhost' ||
    bare.endsWith('.localhost') ||
    bare.endsWith('.internal') ||
    bare.endsWith('.local') ||
    bare === 'localhost.localdomain' ||
    bare === 'kubernetes.default.svc';
  if (local && whole) out.add(isTarget(host, where) ? R['local-target'] : R['local-name']);
}

/** Developers name their own machine, with the ports of development. */
function isTarget(host: string, where: Where): boolean {
  if (where.place === 'query' || where.place === 'path') return true;
  return TARGETS.has(where.name.toLowerCase()) && !/:(?:3\d{3}|4200|5\d{3}|8\d{3}|19\d{3})$/.test(host);
}

function authorityAt(lower: string, from: number): string {
  let end = from;
  const last = Math.min(lower.length, from + 260);
  while (end < last && !isEnd(lower.charCodeAt(end))) end++;
  return lower.slice(from, end);
}

function isEnd(code: number): boolean {
  return (
    code === 47 ||
    code === 92 ||
    code === 63 ||
    code === 35 ||
    isSpace(code) ||
    code === 34 ||
    code === 39 ||
    code === 62 ||
    code === 60
  );
}

/** `[::1]`, `[::]`, `[fe80::…]`, `[fc00::…]`, `[::ffff:…]`, zones. */
function isPrivateSix(host: string): boolean {
  if (!host.startsWith('[')) return false;
  return (
    (/^\[(?:0{0,4}:){2,7}(?:ffff:)?[\d.a-f:]{0,24}(?:%[\w]{1,20})?\]/.test(host) &&
      !/^\[[1-9a-f]/.test(host)) ||
    /^\[f[cde][0-9a-f]{0,2}:/.test(host)
  );
}
