/**
 * The text of an SMS. Its last line binds the code to the site (origin-bound one-time codes, WICG): browsers then fill it
 * in there and nowhere else, which a phishing page cannot have. The English text fits one message (160 characters of
 * GSM 03.38) for products of up to 40 characters.
 */
export function messageOf(given: {
  readonly code: string;
  readonly product: string;
  readonly host: string;
  readonly lifeMs: number;
  readonly locale: string;
}): string {
  const minutes = Math.round(given.lifeMs / 60_000);
  const words = given.locale.toLowerCase().startsWith('ar')
    ? `${given.code} هو رمزك في ${given.product}، وهو صالح لمدة ${minutes} دقائق. لا تعطه لأحد.`
    : `${given.code} is your ${given.product} code, good for ${minutes} min. Never share it.`;
  return `${words}\n\n@${given.host} #${given.code}`;
}
