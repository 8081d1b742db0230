import { randomFillSync } from 'node:crypto';

/** Bytes of a nonce of AES-GCM (NIST SP 800-38D 8.2.2). */
export const NONCE_BYTES = 12;
const POOL_NONCES = 1_024;

const pool = Buffer.allocUnsafeSlow(NONCE_BYTES * POOL_NONCES);
let taken = POOL_NONCES;

/**
 * The next 96 bits of a pool that the CSPRNG fills in one call, which costs a fraction of asking it each time. No byte is
 * given out twice. The view is good until the next call.
 */
export function nextNonce(): Uint8Array {
  if (taken === POOL_NONCES) {
    randomFillSync(pool);
    taken = 0;
  }
  const from = taken++ * NONCE_BYTES;
  return pool.subarray(from, from + NONCE_BYTES);
}
