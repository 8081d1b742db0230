export { toJsonText, toSqlText } from './json-text.ts';
export {
  APPLICATION_ROLE,
  type DatabasePrincipal,
  PRINCIPAL_SETTINGS,
  type PrincipalSetting,
  principalSettings,
  settingSql,
} from './principal.ts';
export { affected, firstRow, rows, sqlBuilder } from './query.ts';
