import {
  browserSupportsWebAuthn,
  browserSupportsWebAuthnAutofill,
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
} from '@simplewebauthn/browser';
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import type { Client } from './client.ts';
import { RampartClientError } from './errors.ts';
import type {
  MfaRequired,
  PasskeyOptions,
  PasskeyRegistered,
  PasskeyResponse,
  SignedIn,
  SignInAnswer,
} from './types.ts';

/** What a page does with passkeys (WebAuthn Level 3). */
export interface Passkeys {
  /** Whether this browser knows passkeys. */
  readonly isSupported: () => boolean;
  /** Makes a passkey for the account that is signed in. @param name what to call it */
  readonly register: (name?: string) => Promise<PasskeyRegistered>;
  /** Signs in without a password: the browser shows which passkeys there are. */
  readonly signIn: () => Promise<SignInAnswer>;
  /**
   * Offers passkeys among the suggestions of the field with `autocomplete="username webauthn"`. Resolves once somebody
   * chose one; null where the browser cannot, or when another passkey question or `cancel` ended it.
   */
  readonly autofill: () => Promise<SignInAnswer | null>;
  /** The second step of a sign-in. */
  readonly secondStep: (required: MfaRequired) => Promise<SignedIn>;
  /** Proves a factor again. */
  readonly stepUp: () => Promise<SignedIn>;
  /** Ends the question that is open, if any. */
  readonly cancel: () => void;
}

/** Passkeys of a client. Failures of the browser are RampartClientError PASSKEY_CANCELLED, PASSKEY_EXISTS or PASSKEY_FAILED. */
export function passkeys(client: Client): Passkeys {
  // Counts questions: suggestions that somebody asked past are dropped, so that one person signs in once.
  let asks = 0;
  const begin = (): number => {
    WebAuthnAbortService.cancelCeremony();
    return ++asks;
  };
  return {
    isSupported: browserSupportsWebAuthn,
    register: async (name) => {
      begin();
      const { challenge, options } = await client.passkeys.registerOptions();
      const optionsJSON = options as unknown as PublicKeyCredentialCreationOptionsJSON;
      const response = await asked(startRegistration({ optionsJSON }));
      return client.passkeys.registerVerify({ challenge, response, ...(name === undefined ? {} : { name }) });
    },
    signIn: async () => {
      begin();
      return client.passkeys.signInVerify(await answer(await client.passkeys.signInOptions()));
    },
    autofill: async () => {
      const mine = begin();
      if (!(await browserSupportsWebAuthnAutofill())) return null;
      const question = await client.passkeys.signInOptions();
      if (mine !== asks) return null;
      let response: PasskeyResponse;
      try {
        response = await answer(question, true);
      } catch (error) {
        if (error instanceof RampartClientError && error.code === 'PASSKEY_CANCELLED') return null;
        throw error;
      }
      return mine === asks ? client.passkeys.signInVerify(response) : null;
    },
    secondStep: async ({ challenge }) => {
      begin();
      const passkey = await answer(await client.passkeys.mfaOptions(challenge));
      return client.verifyMfa({ challenge, factor: 'passkey', passkey });
    },
    stepUp: async () => {
      begin();
      const passkey = await answer(await client.passkeys.stepUpOptions());
      return client.stepUp.prove({ factor: 'passkey', passkey });
    },
    cancel: () => void begin(),
  };
}

async function answer(
  { challenge, options }: PasskeyOptions,
  useBrowserAutofill = false,
): Promise<PasskeyResponse> {
  const optionsJSON = options as unknown as PublicKeyCredentialRequestOptionsJSON;
  return { challenge, response: await asked(startAuthentication({ optionsJSON, useBrowserAutofill })) };
}

/** What the browser's refusals mean for the page. */
const MEANING: Readonly<Record<string, readonly [code: string, message: string]>> = {
  NotAllowedError: ['PASSKEY_CANCELLED', 'The passkey was not used.'],
  AbortError: ['PASSKEY_CANCELLED', 'The passkey was not used.'],
  InvalidStateError: ['PASSKEY_EXISTS', 'This device already has a passkey for the account.'],
};

async function asked<T>(ceremony: Promise<T>): Promise<T> {
  try {
    return await ceremony;
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : '';
    const [code, message] = MEANING[name] ?? ['PASSKEY_FAILED', 'The passkey could not be used.'];
    throw new RampartClientError({ status: 0, code, message, cause });
  }
}
