import { TOTP } from 'totp-generator';
import type { Page } from 'playwright-core';

const STEP_MS = 30_000;

/**
 * An authenticator app that is not ours (RFC 6238). The server accepts each step once: a code that was used is never given
 * again, and where the next one would come too early, the server's clock is moved to it.
 */
export class Authenticator {
  readonly #secret: string;
  readonly #now: () => number;
  readonly #advance: (ms: number) => Promise<void>;
  #used = 0;

  constructor(secret: string, now: () => number, advance: (ms: number) => Promise<void>) {
    this.#secret = secret.replaceAll(/\s/g, '');
    this.#now = now;
    this.#advance = advance;
  }

  /** The code of a step that has not been used yet. */
  async code(): Promise<string> {
    const step = Math.floor(this.#now() / STEP_MS);
    if (step <= this.#used) await this.#advance((this.#used + 1 - step) * STEP_MS);
    this.#used = Math.floor(this.#now() / STEP_MS);
    return this.#codeOf(this.#used);
  }

  /** The code that was given last, once more. */
  again(): Promise<string> {
    return this.#codeOf(this.#used);
  }

  async #codeOf(step: number): Promise<string> {
    const { otp } = await TOTP.generate(this.#secret, { timestamp: step * STEP_MS });
    return otp;
  }
}

/** The authenticator that a device has built in, as the browser's own tools imitate it (WebAuthn Level 3, 11). */
export interface BuiltIn {
  /** How many passkeys it holds. */
  held(): Promise<number>;
  /** Whether somebody touches it; from the next question on. */
  touched(is: boolean): Promise<void>;
  /** Whether the finger on it is the owner's. */
  recognised(is: boolean): Promise<void>;
}

/** Gives a window's browser such an authenticator. */
export async function builtInAuthenticator(page: Page): Promise<BuiltIn> {
  const tools = await page.context().newCDPSession(page);
  await tools.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await tools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    held: async () => (await tools.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length,
    touched: async (enabled) => {
      await tools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
    },
    recognised: async (isUserVerified) => {
      await tools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
  };
}
