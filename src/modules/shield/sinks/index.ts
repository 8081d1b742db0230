export { type AddressKind, addressKind } from './address-kind.ts';
export { SsrfError, type SsrfReason, type UpstreamCode, UpstreamError } from './errors.ts';
export type { SafeFetchOptions } from './fetch-options.ts';
export { type DnsOptions, dnsResolver, type HostResolver } from './resolve.ts';
export { type SafeFetch, safeFetcher, type SafeFetchPorts } from './safe-fetch.ts';
export { PathError, type PathReason } from './path-text.ts';
export { openInside, type OpenMode, type PathPorts, safePath } from './safe-path.ts';
