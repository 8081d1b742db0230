export { toJsonText, toSqlText } from './json-text.ts';
export {
  APPLICATION_ROLE,
  type DatabasePrincipal,
  PRINCIPAL_SETTINGS,
  type PrincipalSetting,
  principalSettings,
  settingSql,
} from './principal.ts';
export {
  type PrincipalScope,
  principalScope,
  type ScopedOptions,
  type ScopedWork,
  type ScopeOptions,
} from './scoped.ts';
export { affected, firstRow, rows, sqlBuilder } from './query.ts';
