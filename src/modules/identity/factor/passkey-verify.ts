import {
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { PasskeyRow } from '../tables/factor.ts';
import { isPlainAttestation, isSameOrigin } from './passkey-response.ts';

/**
 * EdDSA, ES256, and RS256 at the end of the preference: the keys of many Windows machines sign with nothing else. (COSE
 * numbers.)
 */
export const ALGORITHMS = [-8, -7, -257] as const;
/** A key of RSA with 4,096 bits has 530 bytes; larger ones would only cost time to verify with. */
const MAX_KEY_BYTES = 1_024;

/** The relying party, and the pages at which its passkeys may be used. */
export interface Party {
  readonly rpId: string;
  readonly origins: readonly string[];
}

/** What a registration gives. */
export type NewPasskey = Pick<
  PasskeyRow,
  'credential_id' | 'public_key' | 'counter' | 'transports' | 'device_type' | 'backed_up' | 'aaguid'
>;

/**
 * Verifies a registration (WebAuthn Level 3, 7.1).
 * @returns `undefined` whatever is wrong with it: the words of the verification are for nobody outside
 */
export async function verifyRegistration(
  party: Party,
  response: RegistrationResponseJSON,
  challenge: string,
): Promise<NewPasskey | undefined> {
  try {
    if (!isSameOrigin(response.response.clientDataJSON)) return undefined;
    if (!isPlainAttestation(response.response.attestationObject)) return undefined;
    const { verified, registrationInfo: info } = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.rpId,
      requireUserVerification: false,
      supportedAlgorithmIDs: [...ALGORITHMS],
    });
    // The id beside the attestation is not signed; the one within is what the key answers to.
    if (!verified || !info || info.credential.id !== response.id) return undefined;
    if (info.credential.publicKey.byteLength > MAX_KEY_BYTES) return undefined;
    return {
      credential_id: info.credential.id,
      public_key: Buffer.from(info.credential.publicKey).toString('base64url'),
      counter: info.credential.counter,
      transports: info.credential.transports ?? [],
      device_type: info.credentialDeviceType,
      backed_up: info.credentialBackedUp,
      aaguid: info.aaguid,
    };
  } catch {
    return undefined;
  }
}

/**
 * Verifies an answer (WebAuthn Level 3, 7.2) up to its counter, which the database decides.
 * @param verifyUser whether the authenticator must have verified its user (PIN, fingerprint)
 * @returns `undefined` whatever is wrong with it
 */
export async function verifyAnswer(
  party: Party,
  response: AuthenticationResponseJSON,
  challenge: string,
  passkey: PasskeyRow,
  verifyUser: boolean,
): Promise<
  { readonly counter: number; readonly userVerified: boolean; readonly backedUp: boolean } | undefined
> {
  try {
    if (!isSameOrigin(response.response.clientDataJSON)) return undefined;
    const { verified, authenticationInfo: info } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.rpId,
      // A counter of 0 leaves the comparison to us: it counts only once the signature has been verified.
      credential: {
        id: passkey.credential_id,
        publicKey: Uint8Array.from(Buffer.from(passkey.public_key, 'base64url')),
        counter: 0,
      },
      requireUserVerification: verifyUser,
    });
    // Whether a passkey can be backed up never changes (step 19).
    if (!verified || info.credentialDeviceType !== passkey.device_type) return undefined;
    return {
      counter: info.newCounter,
      userVerified: info.userVerified,
      backedUp: info.credentialBackedUp,
    };
  } catch {
    return undefined;
  }
}
