/** Order of the group of P-256 (SEC 2, FIPS 186-5), and half of it. */
const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
const HALF = ORDER / 2n;

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

/**
 * Whether a P-256 signature (r and s, 32 bytes each) has both parts in range and s in the lower half. For each signature
 * (r, s) another one (r, n − s) verifies too; with the lower half alone a token has one form.
 */
export function isStrictSignature(signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  const r = numberOf(signature.subarray(0, 32));
  const s = numberOf(signature.subarray(32));
  return r > 0n && r < ORDER && s > 0n && s <= HALF;
}

/** The form of a P-256 signature whose s lies in the lower half. */
export function lowS(signature: Uint8Array): Buffer {
  const s = numberOf(signature.subarray(32));
  const low = s > HALF ? ORDER - s : s;
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(low.toString(16).padStart(64, '0'), 'hex')]);
}
