/** Longest name, in characters. */
export const MAX_NAME = 60;

/** Makers of passkeys that many people know, by AAGUID (the list that the FIDO Alliance's passkey developers keep). */
const MAKERS: Readonly<Record<string, string>> = {
  'ea9b8d66-4d01-1d21-3ce4-b48cb48cb575': 'Google Password Manager',
  'adce0002-35bc-c60a-648b-0b25f1f05503': 'Chrome on Mac',
  'fbfc3007-154e-4ecc-8c0b-6e020557d7bd': 'Apple Passwords',
  'dd4ec289-e01d-41c9-bb89-70fa845d4bf2': 'Apple Passwords',
  '08987058-cadc-4b81-b6e1-30de50dcbe96': 'Windows Hello',
  '9ddd1817-af5a-4672-a2b9-3e3dd95000a9': 'Windows Hello',
  '6028b017-b1d4-4c02-b4b3-afcdafc96bb2': 'Windows Hello',
  'bada5566-a7aa-401f-bd96-45619a55120d': '1Password',
  'd548826e-79b4-db40-a3d8-11116f7e8349': 'Bitwarden',
  '531126d6-e717-415c-9320-3d9aa6981239': 'Dashlane',
};

/**
 * A name as its owner gave it: no control characters or marks of writing direction, at most 60 characters.
 * @returns `undefined` when nothing is left
 */
export function cleanName(name: string): string | undefined {
  const clean = name
    .slice(0, 10 * MAX_NAME)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const cut = Array.from(clean).slice(0, MAX_NAME).join('').trim();
  return cut === '' ? undefined : cut;
}

/** A name for a passkey that its owner gave none: who keeps it, else what it is. */
export function defaultName(aaguid: string, transports: readonly string[]): string {
  const maker = Object.hasOwn(MAKERS, aaguid) ? MAKERS[aaguid] : undefined;
  if (maker !== undefined) return maker;
  if (transports.includes('internal')) return 'This device';
  if (transports.includes('hybrid')) return 'Phone or tablet';
  return transports.length > 0 ? 'Security key' : 'Passkey';
}
