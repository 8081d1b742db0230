export { normalizeSql } from './normal.ts';
export { type SqlTokens, TOKEN, type TokenKind, type TokenOptions, tokenizeSql } from './tokens.ts';
