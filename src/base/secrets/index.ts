export { type BoxKey, type SecretBox, secretBox } from './box.ts';
export { makeToken, readToken, tokenHash, type TokenText } from './token.ts';
