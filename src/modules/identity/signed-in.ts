import { fact } from '../../core/fact.ts';
import type { SessionState } from './contract.ts';

/** An account's session behind a request. */
export interface SignedInValue {
  readonly session: SessionState;
  /** Came with the session cookie. */
  readonly cookie: boolean;
}

/** Who is signed in; null once it was looked for and nobody is. */
export const SignedIn = fact<SignedInValue | null>('signedIn');
