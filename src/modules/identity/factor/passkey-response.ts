import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { decodeAttestationObject, decodeClientDataJSON } from '@simplewebauthn/server/helpers';
import { z } from 'zod';

/** Longest field that is looked at, in characters. */
const MAX_FIELD = 16_384;
/** A credential id has at most 1,023 bytes (WebAuthn Level 3, 4). */
const MAX_CREDENTIAL_ID = 1_364;

const base64url = (max = MAX_FIELD): z.ZodString =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[A-Za-z0-9_-]+$/);
const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] as const;

const credential = {
  id: base64url(MAX_CREDENTIAL_ID),
  rawId: base64url(MAX_CREDENTIAL_ID),
  type: z.literal('public-key'),
};
const registration = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url(),
    attestationObject: base64url(),
    transports: z.array(z.string().max(40)).max(20).optional(),
  }),
});
const authentication = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url(),
    authenticatorData: base64url(),
    signature: base64url(),
    // Some browsers send null or an empty text where the authenticator gave no handle.
    userHandle: z.string().max(200).nullish(),
  }),
});

/** What is looked at of a registration: everything else that browsers send is dropped before the verification. */
export function readRegistration(given: unknown): RegistrationResponseJSON | undefined {
  const read = registration.safeParse(given);
  if (!read.success) return undefined;
  const { response, ...rest } = read.data;
  const { transports = [], ...fields } = response;
  const known = TRANSPORTS.filter((one) => transports.includes(one));
  return { ...rest, response: { ...fields, transports: known }, clientExtensionResults: {} };
}

/** What is looked at of an answer. */
export function readAuthentication(given: unknown): AuthenticationResponseJSON | undefined {
  const read = authentication.safeParse(given);
  if (!read.success) return undefined;
  const { response, ...rest } = read.data;
  const { userHandle, ...fields } = response;
  return {
    ...rest,
    response: { ...fields, ...(userHandle ? { userHandle } : {}) },
    clientExtensionResults: {},
  };
}

/**
 * Whether the page that asked was ours and no frame of another site.
 * @throws Error when the text is no JSON
 */
export function isSameOrigin(clientDataJSON: string): boolean {
  const data = decodeClientDataJSON(clientDataJSON) as unknown;
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return false;
  const { crossOrigin, topOrigin } = data as { crossOrigin?: unknown; topOrigin?: unknown };
  return (crossOrigin === undefined || crossOrigin === false) && topOrigin === undefined;
}

/**
 * Whether the attestation says nothing but the key: none, or signed by the key itself. Certificates are asked for nowhere,
 * and verifying one would fetch the revocation list that it names, an address of the sender's choice.
 * @throws Error when it is not CBOR
 */
export function isPlainAttestation(attestationObject: string): boolean {
  const decoded = decodeAttestationObject(Uint8Array.from(Buffer.from(attestationObject, 'base64url')));
  if (!(decoded instanceof Map)) return false;
  const format: unknown = decoded.get('fmt');
  const statement: unknown = decoded.get('attStmt');
  if (!(statement instanceof Map)) return false;
  return format === 'none' || (format === 'packed' && !statement.has('x5c'));
}
