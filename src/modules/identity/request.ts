/** What identity looks at of a request, gathered once by whoever calls it. */
export interface ClientFacts {
  /** The client's address and what counts as one client, as limits and records use them. */
  readonly address: string;
  readonly group: string;
  /** `browser` gets cookies, `api` gets tokens in the body. */
  readonly client: 'browser' | 'api';
  /** At most 512 characters are looked at. */
  readonly userAgent?: string;
  /** Accept-Language. */
  readonly language?: string;
  /** Sec-CH-UA-Platform, or what the page said. */
  readonly platform?: string;
  /** IANA time zone that the page said. */
  readonly timezone?: string;
  /** Value of the device cookie, or the device token of an API client. */
  readonly device?: string;
  /** Thumbprint (RFC 7638) of a DPoP key whose proof for this request was verified. */
  readonly dpopThumbprint?: string;
  /** Decision of this request, for events. */
  readonly decision?: string;
  readonly route?: string;
  /** Session of the caller, request id and trace id, for events. */
  readonly session?: string;
  readonly requestId?: string;
  readonly traceId?: string;
}
