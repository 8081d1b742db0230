const SECRET_NAME =
  /^(?:.*(?:password|passwd|secret|token|authorization|cookie|api_?key|private_?key|credential|otp|pin)|jwt|cvv|cvc|pan|iban|ssn)$/i;

/** What stands in place of a secret. */
export const REDACTED = '[redacted]';

/** Whether a field of this name is never shown. */
export function isSecretName(name: string): boolean {
  return name.length <= 200 && SECRET_NAME.test(name.replaceAll('-', '_'));
}
