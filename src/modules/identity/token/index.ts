export {
  type AccessClaims,
  MAX_TOKEN_LENGTH,
  signAccessToken,
  type TokenFault,
  type TokenRules,
  type Verified,
  verifyAccessToken,
} from './access.ts';
export { type DpopFault, type DpopQuestion, DpopReplays, type DpopVerdict, verifyDpopProof } from './dpop.ts';
export { type SigningKey, TOKEN_ALGORITHMS, type TokenAlgorithm } from './key.ts';
export { KeyRing, type KeyRingPorts } from './keyring.ts';
export { type PublicJwk, thumbprintOf } from './thumbprint.ts';
