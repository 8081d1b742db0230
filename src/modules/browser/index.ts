/** What browsers are told and asked: headers, Content-Security-Policy, CORS, CSRF, cookies. */
export { browser, type BrowserPorts, headersDecider } from './browser.ts';
export { clearCookie, cookie, type CookieOptions, readCookie } from './cookies.ts';
export {
  type AllowOrigin,
  corsDecider,
  type CorsFeatures,
  type CorsOptions,
  type CorsPolicy,
} from './cors.ts';
export {
  compileCsp,
  type CompiledCsp,
  type CspDirective,
  type CspDirectives,
  type CspParts,
  type CspRisk,
  type CspSource,
  cspWithNonce,
} from './csp.ts';
export {
  type CspGroup,
  type CspReportOptions,
  type CspReportPorts,
  type CspReports,
  cspReports,
} from './csp-reports.ts';
export { csrfDecider, type CsrfFeatures, type CsrfPolicy, type OriginClass } from './csrf.ts';
export { type CsrfTokens, csrfTokens } from './csrf-token.ts';
export type { HeaderOptions, HstsOptions, ReferrerPolicy } from './headers.ts';
export type { BrowserOptions, BrowserRouteOptions, CspOptions, CsrfOptions } from './options.ts';
