import { Bit, isWordCode } from './bits.ts';

const MOST = 100;
/** Ends of names that lead into a network, to its own machine, or to a listener. */
const ODD_ENDS =
  `.internal .local .localhost .localdomain .lan .intranet .corp .home .nip.io .xip.io .sslip.io .lvh.me .localtest.me
  .burpcollaborator.net .oastify.com .oast.fun .oast.pro .oast.live .oast.me .oast.site .oast.online .interact.sh .svc .onion
  .ngrok.io .ngrok-free.app .requestbin.net .requestcatcher.com .webhook.site .dnslog.cn .ceye.io .rbndr.us`
    .split(/\s+/)
    .filter(Boolean);

/**
 * What an address says whose colon stands at `colon`: nothing, where it is of the web and its host is an ordinary name.
 * @param text decoded
 */
export function addressBits(text: string, colon: number, from: number, to: number): number {
  if (!text.startsWith('//', colon + 1)) return isBareScheme(text, colon, from) ? Bit.strong : 0;
  if (!isWebScheme(text, colon, from)) return Bit.strong;
  const end = Math.min(to, colon + 3 + MOST);
  let host = colon + 3;
  while (host < end && isHostCode(text.charCodeAt(host))) host++;
  return isOddHost(text.slice(colon + 3, host).toLowerCase(), text.charCodeAt(host)) ? Bit.strong : 0;
}

/** `http:127.0.0.1`, which some clients take for an address. */
function isBareScheme(text: string, colon: number, from: number): boolean {
  const next = text.charCodeAt(colon + 1);
  return isWebScheme(text, colon, from) && (isWordCode(next) || next === 47 || next === 92);
}

function isWebScheme(text: string, colon: number, from: number): boolean {
  const start = Math.max(from, colon - 5);
  const scheme = text.slice(start, colon).toLowerCase();
  if (scheme !== 'https' && !scheme.endsWith('http')) return false;
  // `xhttp` is another scheme.
  const before = scheme === 'https' ? colon - 6 : colon - 5;
  return before < from || !isWordCode(text.charCodeAt(before));
}

function isHostCode(code: number): boolean {
  return isWordCode(code) || code === 45 || code === 46;
}

function isOddHost(host: string, after: number): boolean {
  // A user before the host, a bracket, a backslash, an encoded or a foreign character.
  if (after === 64 || after === 91 || after === 92 || after === 37 || after >= 128) return true;
  const first = host.charCodeAt(0);
  if (!(first >= 97 && first <= 122)) return true;
  // A name without a dot is one of the own network.
  if (!host.includes('.')) return true;
  const name = host.endsWith('.') ? host.slice(0, -1) : host;
  return (
    name.startsWith('localhost') || name.startsWith('metadata') || ODD_ENDS.some((end) => name.endsWith(end))
  );
}
