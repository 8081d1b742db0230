export { SqlInjectionError } from './errors.ts';
export { type SqlGuard, sqlGuard, type SqlGuardPorts } from './guard.ts';
export {
  type InputPlace,
  type InputSet,
  type RequestInput,
  type RequestInputs,
  requestInputs,
  type RequestSource,
} from './inputs.ts';
export { normalizeSql } from './normal.ts';
export type { SqlGuardOptions } from './options.ts';
export { type InputScope, inputScope, type NodeRequest, nodeSource, webSource } from './scope.ts';
export { type SqlTokens, TOKEN, type TokenKind, type TokenOptions, tokenizeSql } from './tokens.ts';
export { guardKysely, guardPg, guardSql, type PgLike } from './wrap.ts';
