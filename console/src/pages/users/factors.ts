import type { AuthFactor, StepUpRequest } from '../../../../src/server/api/auth-types.ts';

/** Factors as a reader sees them. */
export const FACTOR_LABEL: Readonly<Record<AuthFactor, string>> = {
  password: 'Password',
  totp: 'Authenticator app',
  backup: 'Backup code',
  sms: 'SMS code',
  email: 'Mail code',
  passkey: 'Passkey',
};

/** Short names, for lists. */
export const FACTOR_WORD: Readonly<Record<AuthFactor, string>> = {
  password: 'Password',
  totp: 'App',
  backup: 'Backup codes',
  sms: 'SMS',
  email: 'Mail',
  passkey: 'Passkey',
};

/** Whether a code has to be sent before it can be typed. */
export function isSent(factor: AuthFactor): boolean {
  return factor === 'sms' || factor === 'email';
}

/** What the account has and the act takes, strongest first as the server lists them. */
export function usableFactors(
  has: readonly AuthFactor[],
  takes: readonly AuthFactor[] | null,
): readonly AuthFactor[] {
  return takes === null ? has : has.filter((factor) => takes.includes(factor));
}

/** A typed proof as the server takes it: passwords as they are, codes without what people put between digits. */
export function proofOf(factor: AuthFactor, typed: string): StepUpRequest {
  if (factor === 'password') return { factor, password: typed };
  return { factor, code: factor === 'backup' ? typed.trim() : typed.replaceAll(/[\s-]/g, '') };
}

/** Factors in words: `Password, then authenticator app`. */
export function factorWords(factors: readonly AuthFactor[]): string {
  if (factors.length === 0) return 'no factor';
  const [first = '', ...rest] = factors.map((factor) => FACTOR_LABEL[factor]);
  return [first, ...rest.map(insideSentence)].join(', then ');
}

function insideSentence(label: string): string {
  return /^[A-Z]{2}/.test(label) ? label : label.charAt(0).toLowerCase() + label.slice(1);
}
